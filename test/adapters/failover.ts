import { describe, expect, test } from "bun:test";
import { RawBackend, refusedPort, type Script, type Seen } from "../raw/backend.ts";
import { type Answer, ask, request } from "../raw/client.ts";
import { until } from "../raw/within.ts";
import type { Runtime } from "./runtime.ts";
import { type Stage, stage, withBalancer } from "./stage.ts";

/** Reads the request and answers with its body. */
const echo: Script = async ({ head, wire }) => {
  const body = await wire.body(head);
  wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body.toString("latin1")}`);
};

const SIZED = request("POST", "/", ["Content-Length: 3"], "abc");
const CHUNKED = request("POST", "/", ["Transfer-Encoding: chunked"], "3\r\nabc\r\n0\r\n\r\n");

/** Tries that fail, and what comes after them. */
export function failover(runtime: Runtime): void {
  const can = runtime.capabilities;

  describe("a refused connection is tried elsewhere, for", () => {
    test.each([
      ["GET", request("GET", "/"), ""],
      ["POST with a length", SIZED, "abc"],
      ["POST in chunks", CHUNKED, "abc"],
      ["POST without a body", request("POST", "/"), ""],
    ])("%s", async (_, bytes, body) => {
      const good = await RawBackend.listen(echo);
      const refused = `http://127.0.0.1:${await refusedPort()}`;
      await withBalancer(runtime, [refused, good], {}, async (program) => {
        const answer = await ask(program.url, bytes);
        expect([answer.head.status, answer.body.toString()]).toEqual([200, body]);
        expect(good.seen.length).toBe(1);
        await until("it was told", () => program.changes.length > 0);
        expect(program.changes).toEqual([`${refused} down`]);
        expect(program.told.flatMap(({ failed }) => failed ?? [])).toEqual([
          { url: refused, reason: "connection refused" },
        ]);
      });
    });

    test("a host that has no address", async () => {
      const good = await RawBackend.listen(echo);
      await withBalancer(runtime, ["http://nowhere.invalid", good], {}, async ({ url }) => {
        expect((await ask(url, SIZED)).head.status).toBe(200);
      });
    });

    test("nobody, if all are refused: 503 that says when to come again", async () => {
      const urls = [`http://127.0.0.1:${await refusedPort()}`, `http://127.0.0.1:${await refusedPort()}`];
      await withBalancer(runtime, urls, {}, async ({ url }) => {
        for (const bytes of [request("GET", "/"), CHUNKED]) {
          const { head, body } = await ask(url, bytes);
          expect(head.status).toBe(503);
          expect(head.field("content-type")).toBe("application/problem+json");
          expect(head.field("retry-after")).toBe("10");
          expect(JSON.parse(body.toString())).toEqual({
            type: "about:blank",
            title: "Service Unavailable",
            status: 503,
            detail: "No backend is available at the moment.",
          });
        }
      });
    });
  });

  describe("a connection that closes before an answer", () => {
    const on = stage(runtime);

    test.each(["end", "reset"] as const)("by %s: GET is sent again", async (how) => {
      const { answer, seen } = await failingOnce(on, how, request("GET", "/"));
      expect(answer.head.status).toBe(200);
      expect(seen.length).toBe(2);
    });

    test.each([
      ["end", "a length", SIZED],
      ["reset", "a length", SIZED],
      ["end", "chunks", CHUNKED],
      ["reset", "chunks", CHUNKED],
      ["end", "no body", request("POST", "/")],
      ["reset", "no body", request("POST", "/")],
    ] as const)("by %s: POST with %s is sent once, and 502", async (how, _, bytes) => {
      const { answer, seen } = await failingOnce(on, how, bytes);
      expect(answer.head.status).toBe(502);
      expect(answer.head.field("proxy-status")).toBe("lb; error=connection_terminated");
      expect(seen.length).toBe(1);
    });
  });

  describe("a kept connection that closes when it is used again", () => {
    const on = stage(runtime);

    test.each([
      ["GET", request("GET", "/"), 200],
      ["POST with a length", SIZED, 502],
      ["POST in chunks", CHUNKED, 502],
      ["POST without a body", request("POST", "/"), 502],
      ["PATCH with a length", SIZED.replace("POST", "PATCH"), 502],
    ])("%s", async (name, bytes, status) => {
      on.backend.script = closingWhenReused;
      let reuses = 0;
      for (let round = 0; round < 3; round++) {
        await keepOneConnection(on);
        const before = on.backend.seen.length;
        const { head } = await ask(on.url, bytes);
        const tries = on.backend.seen.slice(before).filter((seen) => seen.head.target === "/");
        const wasReused = tries.some(({ turn }) => turn > 0);
        if (wasReused) reuses += 1;
        expect(head.status).toBe(wasReused ? status : 200);
        if (name !== "GET") expect(tries.length).toBe(1);
      }
      expect(reuses > 0).toBe(name === "GET" || can.keepsConnectionsForPosts);
    });
  });

  test("an answer that does not come in time is 504, and the backend is told", async () => {
    const backend = await RawBackend.listen(async ({ wire }) => {
      await wire.rest();
    });
    await withBalancer(runtime, [backend], { timeoutMs: 300 }, async ({ url }) => {
      const { head } = await ask(url, SIZED);
      expect(head.status).toBe(504);
      expect(head.field("content-type")).toBe("application/problem+json");
      const { wire } = await backend.nextAfter(0);
      await wire.closed;
      expect(backend.seen.length).toBe(1);
    });
  });
}

/** What comes of a request whose first try is cut off after it was read whole. */
async function failingOnce(
  on: Stage,
  how: "end" | "reset",
  bytes: string,
): Promise<{ answer: Answer; seen: Seen[] }> {
  const before = on.backend.seen.length;
  on.backend.script = async (seen) => {
    await seen.wire.body(seen.head);
    if (on.backend.seen.length === before + 1) seen.wire[how]();
    else await echo(seen);
  };
  const answer = await ask(on.url, bytes);
  return { answer, seen: on.backend.seen.slice(before) };
}

/** Answers the first request of a connection; at the next, reads it and closes. */
const closingWhenReused: Script = async (seen) => {
  if (seen.turn === 0 || seen.head.target === "/warm") await echo(seen);
  else {
    await seen.wire.body(seen.head);
    seen.wire.end();
  }
};

/** Makes the balancer have a connection to the backend that was used. */
async function keepOneConnection(on: Stage): Promise<void> {
  expect((await ask(on.url, request("GET", "/warm"))).head.status).toBe(200);
}
