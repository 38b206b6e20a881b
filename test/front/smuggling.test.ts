/**
 * Bytes that an attacker would send so that the balancer and a backend read them as different requests. Each is
 * sent whole, cut in two at every place, and byte by byte, always with another request behind it that must not
 * be answered, nor seen by anybody.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { answerOk, type Script } from "../raw/backend.ts";
import { request } from "../raw/client.ts";
import { ACCEPTED, expected } from "./accepted.ts";
import { ADDED, answersIn, HostileStage, waysToCut } from "./hostile-stage.ts";
import { REFUSED_BODIES } from "./refused-bodies.ts";
import { CODINGS, HOSTS, LENGTHS, type Refused, TWO_LENGTHS } from "./refused-heads.ts";
import { LINES, TOO_LONG, VERSIONS } from "./refused-lines.ts";

/** A head as a backend gets it. */
function forwarded(head: string): string {
  return `${head.slice(0, -2)}${ADDED}\r\n`;
}

const AFTER = request("GET", "/after-TOKEN", ["Connection: close"]);

let stage: HostileStage;
beforeAll(async () => {
  stage = await HostileStage.start(({ head, wire }) => {
    throw new Error(`the backend was sent ${head.raw} on ${wire.socket.remotePort}`);
  }, false);
});
afterAll(() => stage[Symbol.asyncDispose]());

const HEADS: Readonly<Record<string, readonly Refused[]>> = {
  "two lengths are one too many": TWO_LENGTHS,
  "a coding is chunked or it is refused": CODINGS,
  "a length is digits": LENGTHS,
  "a Host is one": HOSTS,
  "a line is a line": LINES,
  "another version is another protocol": VERSIONS,
  "what is too long is not kept": TOO_LONG,
};

for (const [rule, cases] of Object.entries(HEADS)) {
  describe(rule, () => {
    test.each(cases)("%s", async (_, bytes, status) => {
      for (const { cuts, answers, seen } of await stage.send(bytes + AFTER, waysToCut(bytes.length))) {
        const got = { cuts, statuses: answersIn(answers, ["GET"]).map((answer) => answer.status), seen };
        expect(got).toEqual({ cuts, statuses: [status], seen: [] });
      }
    });
  });
}

describe("a chunk is a chunk", () => {
  test.each(REFUSED_BODIES)("%s", async (_, right, wrong, status) => {
    stage.backend.script = answerOk;
    const head = request("POST", "/TOKEN", ["Transfer-Encoding: chunked"]);
    const ways = waysToCut(head.length + right.length + wrong.length);
    const exchanges = await stage.send(head + right + wrong + AFTER, ways);
    for (const { cuts, answers, seen } of exchanges) {
      const statuses = answersIn(answers, ["POST"]).map((answer) => answer.status);
      expect({ cuts, statuses }).toEqual({ cuts, statuses: [status] });
      // What came before the mistake may have been passed on: then the backend has half a request, and no more.
      if (seen.length > 0) expect(forwarded(head) + right).toStartWith(seen[0] as string);
      expect(seen.length).toBeLessThanOrEqual(cuts.length === 0 ? 0 : 1);
    }
    if (right.length > 3) expect(exchanges.some(({ seen }) => seen.length > 0)).toBe(true);
  });
});

describe("one request is one request", () => {
  test.each(ACCEPTED.map((accepted) => [accepted.what, accepted] as const))("%s", async (_, accepted) => {
    stage.backend.script = echo;
    const { bytes, status = 200, isKept = true } = accepted;
    const method = bytes.trimStart().split(" ", 1)[0] as string;
    for (const { cuts, answers, seen } of await stage.send(bytes + AFTER, waysToCut(bytes.length))) {
      const got = answersIn(answers, [method, "GET"]);
      const isAnswered = isKept === "maybe" ? got.length === 2 : isKept;
      expect({ cuts, statuses: got.map((answer) => answer.status) }).toEqual({
        cuts,
        statuses: isAnswered ? [status, 200] : [status],
      });
      const first = expected(accepted);
      const second = isAnswered ? forwarded(AFTER.replace("Connection: close\r\n", "")) : undefined;
      expect({ cuts, seen }).toEqual({ cuts, seen: [first, second].filter((text) => text !== undefined) });
      if (first !== undefined) expect(got[0]?.body).toStartWith(`${method} `);
      if (isAnswered) expect(got[1]?.body).toBe("GET /after-TOKEN");
    }
  });
});

/** Answers with what was asked. */
const echo: Script = async ({ head, wire }) => {
  await wire.body(head);
  const echoed = `${head.method} ${head.target}`;
  wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${echoed.length}\r\n\r\n${echoed}`);
};
