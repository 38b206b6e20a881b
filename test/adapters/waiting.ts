import { describe, expect, test } from "bun:test";
import type { Script } from "../raw/backend.ts";
import { ask, dial, readAnswer, request } from "../raw/client.ts";
import { until } from "../raw/within.ts";
import type { Runtime } from "./runtime.ts";
import { type Stage, stage } from "./stage.ts";

const CHUNKED = request("POST", "/b", ["Transfer-Encoding: chunked"], "3\r\nabc\r\n0\r\n\r\n");

/** Requests that wait for room at a backend. */
export function waiting(runtime: Runtime): void {
  describe("a backend that has as many requests as it may", () => {
    const on = stage(runtime, { maxInFlight: 1, queue: { maxWaiting: 2, timeoutMs: 20_000 } });

    test("gets the next one when it has answered, and only then", async () => {
      const { release, script } = held();
      on.backend.script = script;
      const before = on.backend.seen.length;
      const answers = [ask(on.url, request("GET", "/a"))];
      await on.backend.nextAfter(before);
      answers.push(ask(on.url, CHUNKED));
      await waits(on, 1);
      answers.push(ask(on.url, request("GET", "/c")));
      await waits(on, 2);
      const { head, body } = await ask(on.url, request("GET", "/d"));
      expect([head.status, head.field("retry-after")]).toEqual([503, "1"]);
      expect(head.field("proxy-status")).toBe('lb; error=connection_limit_reached; details="queue full"');
      expect(JSON.parse(body.toString())).toMatchObject({ status: 503, type: "about:blank" });
      expect(on.backend.seen.length).toBe(before + 1);
      release();
      const bodies = (await Promise.all(answers)).map((answer) => answer.body.toString());
      expect(bodies).toEqual(["/a 0", "/b 3", "/c 0"]);
      expect(on.backend.seen.slice(before).map(({ head }) => head.target)).toEqual(["/a", "/b", "/c"]);
    });

    test("never hears of one whose client leaves before", async () => {
      const { release, script } = held();
      on.backend.script = script;
      const before = on.backend.seen.length;
      const first = ask(on.url, request("GET", "/a"));
      await on.backend.nextAfter(before);
      const leaving = await dial(on.url);
      leaving.send(request("GET", "/b"));
      await waits(on, 1);
      const staying = await dial(on.url);
      staying.send(request("GET", "/c"));
      await waits(on, 2);
      leaving.destroy();
      await waits(on, 1);
      release();
      expect((await first).head.status).toBe(200);
      expect((await readAnswer(staying, "GET")).body.toString()).toBe("/c 0");
      expect(on.backend.seen.slice(before).map(({ head }) => head.target)).toEqual(["/a", "/c"]);
    });
  });
}

/** Answers nothing before it is released. */
function held() {
  const gate = Promise.withResolvers<void>();
  const script: Script = async ({ head, wire }) => {
    const body = await wire.body(head);
    await gate.promise;
    const text = `${head.target} ${body.length}`;
    wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
  };
  return { script, release: () => gate.resolve() };
}

async function waits(on: Stage, count: number): Promise<void> {
  await until(`${count} wait`, async () => {
    const { body } = await ask(on.url, request("GET", "/lb-status"));
    return JSON.parse(body.toString()).waiting === count;
  });
}
