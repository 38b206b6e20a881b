import { describe, expect, test } from "bun:test";
import { FRONT_NAMES, TRANSPORT_NAMES } from "../../src/config/process.ts";
import { answerBytes, answerOk, RawBackend, type Script } from "../raw/backend.ts";
import { ask, request } from "../raw/client.ts";
import { until } from "../raw/within.ts";
import { Program } from "./program.ts";
import { listeningUrl } from "./stage.ts";

/** Answers checks, and does this with everything else. */
function up(script: Script): Script {
  return (seen) => (seen.head.target === "/health" ? answerOk(seen) : script(seen));
}

const silent: Script = async ({ wire }) => {
  await wire.closed;
};
const unavailable = answerBytes("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno");

/** The program before a backend that does this, and one that answers. */
async function before(script: Script, flags: readonly string[]) {
  const backends = await Promise.all([RawBackend.listen(up(script)), RawBackend.listen(answerOk)]);
  const origins = backends.map(({ url }) => url);
  const balancer = new Program(["--port", "0", "--backends", origins.join(","), ...flags]);
  const url = await listeningUrl(balancer);
  for (const origin of origins) await balancer.wrote(new RegExp(`${origin} is up`));
  return {
    first: backends[0] as RawBackend,
    url,
    status: async () => (await (await fetch(`${url}/lb-status`)).json()) as { backends: object[] },
    async [Symbol.asyncDispose]() {
      await balancer[Symbol.asyncDispose]();
      for (const backend of backends) await backend.close();
    },
  };
}

for (const front of FRONT_NAMES) {
  for (const transport of TRANSPORT_NAMES) {
    describe(`--front ${front} --transport ${transport}`, () => {
      const by = ["--front", front, "--transport", transport];

      test("--retry-on 503 has a request answered by a backend that can", async () => {
        await using stage = await before(unavailable, [...by, "--retry-on", "connect,reset,503"]);
        const { head, body } = await ask(stage.url, request("GET", "/work", ["Connection: close"]));
        expect([head.status, body.toString()]).toEqual([200, "ok"]);
        const post = request("POST", "/work", ["Connection: close", "Content-Length: 0"]);
        const statuses = [await ask(stage.url, post), await ask(stage.url, post)].map(
          ({ head }) => head.status,
        );
        expect(statuses.sort()).toEqual([200, 503]);
      });

      test("--hedge-after has it answered by a second one while the first says nothing", async () => {
        await using stage = await before(silent, [...by, "--hedge-after", "50ms"]);
        const { head, body } = await ask(stage.url, request("GET", "/work", ["Connection: close"]));
        expect([head.status, body.toString()]).toEqual([200, "ok"]);
        const { first } = stage;
        await until("the first one hears of it", () => {
          const [seen] = first.where({ target: "/work" });
          return seen !== undefined && !first.wires.has(seen.wire);
        });
        expect(await stage.status()).toMatchObject({
          backends: [
            { requests: 1, cancelled: 1, failures: 0 },
            { requests: 1, cancelled: 0, failures: 0 },
          ],
        });
      });

      test("--request-timeout ends what takes longer", async () => {
        await using stage = await before(silent, [...by, "--request-timeout", "200ms"]);
        const { head } = await ask(
          stage.url,
          request("POST", "/work", ["Connection: close", "Content-Length: 0"]),
        );
        expect(head.status).toBe(504);
      });
    });
  }
}
