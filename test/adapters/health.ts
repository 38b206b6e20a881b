import { describe, expect, test } from "bun:test";
import { answerBytes, answerOk, RawBackend, refusedPort, type Script } from "../raw/backend.ts";
import { ask, request } from "../raw/client.ts";
import { until } from "../raw/within.ts";
import type { Program, Runtime } from "./runtime.ts";
import { withBalancer } from "./stage.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const BAD = "HTTP/1.1 500 Bad\r\nContent-Length: 0\r\n\r\n";

/** Often, but with a time-out that a busy machine does not run into by itself. */
const CHECKED = { healthCheck: { intervalMs: 50, timeoutMs: 700 } };

/** Answers `/health` in one way and everything else in another. */
function byPath(health: Script, other: Script): Script {
  return (seen) => (seen.head.target === "/health" ? health(seen) : other(seen));
}

/** What the status endpoint says of each backend's state. */
async function states(program: Program): Promise<string[]> {
  const { body } = await ask(program.url, request("GET", "/lb-status"));
  return JSON.parse(body.toString()).backends.map(({ state }: { state: string }) => state);
}

/** Health checks, and what the balancer says of itself. */
export function health(runtime: Runtime): void {
  describe("a backend is", () => {
    const silent: Script = async ({ wire }) => {
      await wire.rest();
    };
    const closing: Script = ({ wire }) => wire.destroy();
    test.each([
      ["up", "/health answers 200", byPath(answerBytes(OK), answerBytes(BAD))],
      ["up", "/health answers 404", byPath(answerBytes(BAD.replace("500", "404")), answerBytes(BAD))],
      ["down", "/health answers 500 though / does 200", byPath(answerBytes(BAD), answerBytes(OK))],
      ["up", "/health breaks off and / answers 200", byPath(closing, answerBytes(OK))],
      ["up", "/health takes too long and / answers 200", byPath(silent, answerBytes(OK))],
      ["down", "/health breaks off and / answers 500", byPath(closing, answerBytes(BAD))],
      ["down", "both take too long", silent],
    ])(
      "%s if %s",
      async (state, _, script) => {
        const backend = await RawBackend.listen(script);
        await withBalancer(runtime, [backend], CHECKED, async (program) => {
          await until(`it is ${state}`, async () => (await states(program)).includes(state));
          const checks = backend.seen.length;
          await until("it was checked again", () => backend.seen.length >= checks + 3);
          expect(await states(program)).toEqual([state]);
          await until("it was told", () => program.changes.length > 0);
          expect(program.changes).toEqual([`${backend.url} ${state}`]);
          const check = backend.seen[0]?.head;
          expect(check?.method).toBe("GET");
          expect(check?.target).toBe("/health");
          expect(check?.field("host")).toBe(new URL(backend.url).host);
        });
      },
      20_000,
    );
  });

  test("a backend comes and goes, is told of once each time, and gets traffic while it is there", async () => {
    const port = await refusedPort();
    const url = `http://127.0.0.1:${port}`;
    const other = await RawBackend.listen();
    await withBalancer(runtime, [url, other], CHECKED, async (program) => {
      const changes = () => program.changes.filter((change) => change.startsWith(url));
      await until("it is told to be down", () => changes().length === 1);
      const answered = () => ask(program.url, request("GET", "/work"));
      for (let count = 0; count < 4; count++) expect((await answered()).head.status).toBe(200);
      expect(other.where({ target: "/work" }).length).toBe(4);

      const returned = await RawBackend.listen(answerOk, port);
      await until("it is told to be up", () => changes().length === 2);
      for (let count = 0; count < 4; count++) expect((await answered()).head.status).toBe(200);
      expect(returned.where({ target: "/work" }).length).toBe(2);

      await returned.close();
      await until("it is told to be down again", () => changes().length === 3);
      for (let count = 0; count < 4; count++) expect((await answered()).head.status).toBe(200);
      expect(changes()).toEqual([`${url} down`, `${url} up`, `${url} down`]);
    });
  });

  test("503 while every backend is down, and 200 after the next good check", async () => {
    const port = await refusedPort();
    await withBalancer(runtime, [`http://127.0.0.1:${port}`], CHECKED, async (program) => {
      await until("it is told to be down", () => program.changes.length === 1);
      const { head } = await ask(program.url, request("GET", "/"));
      expect([head.status, head.field("retry-after")]).toEqual([503, "1"]);
      const backend = await RawBackend.listen(answerOk, port);
      await until("it is told to be up", () => program.changes.length === 2);
      expect((await ask(program.url, request("GET", "/"))).head.status).toBe(200);
      await backend.close();
    });
  });

  test("the status tells of each backend, url and alive first", async () => {
    const good = await RawBackend.listen();
    const refused = `http://127.0.0.1:${await refusedPort()}`;
    await withBalancer(runtime, [good, refused], CHECKED, async (program) => {
      const changes = [`${good.url} up`, `${refused} down`];
      await until("both are known", () => changes.every((change) => program.changes.includes(change)));
      const { head, body } = await ask(program.url, request("GET", "/lb-status?x"));
      expect(head.status).toBe(200);
      expect(head.field("content-type")).toBe("application/json");
      const text = body.toString();
      expect(text.startsWith(`{"backends":[{"url":"${good.url}","alive":true,`)).toBe(true);
      expect(text).toContain(`{"url":"${refused}","alive":false,`);
      expect((await ask(program.url, request("POST", "/lb-status"))).head.status).toBe(405);
      expect(good.where({ target: "/lb-status" })).toEqual([]);
    });
  });

  test("/health belongs to the backends", async () => {
    const backend = await RawBackend.listen(answerBytes(OK));
    await withBalancer(runtime, [backend], {}, async ({ url }) => {
      expect((await ask(url, request("GET", "/health"))).body.toString()).toBe("ok");
      expect(backend.seen.length).toBe(1);
    });
  });
}
