import { describe, expect, test } from "bun:test";
import { answerBytes, type Script } from "../raw/backend.ts";
import { ask, dial, readAnswer, request } from "../raw/client.ts";
import type { Runtime } from "./runtime.ts";
import { stage } from "./stage.ts";

/** The two that pass where any do, and others that a server must not take for fields of the head (RFC 9110 §6.5.1). */
const REQUEST_TRAILERS = "X-Sum: 1\r\nHost: elsewhere.test\r\nX-Forwarded-For: 6.6.6.6\r\nx-sum: 2";
const ANSWER_TRAILERS = "X-Sum: 1\r\nSet-Cookie: a=1\r\nLocation: /elsewhere\r\nx-sum: 2";

/** Fields that follow a body. */
export function trailers(runtime: Runtime): void {
  const can = runtime.capabilities;

  describe("trailers", () => {
    const on = stage(runtime);

    test("of a request", async () => {
      const got: { body?: string; trailers?: readonly string[] } = {};
      const readAll: Script = async ({ head, wire }) => {
        got.body = (await wire.body(head)).toString();
        got.trailers = wire.trailers;
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      };
      on.backend.script = readAll;
      const fields = ["Transfer-Encoding: chunked", "Trailer: X-Sum"];
      const body = `3\r\nabc\r\n2\r\nde\r\n0\r\n${REQUEST_TRAILERS}\r\n\r\n`;
      const { head } = await ask(on.url, request("POST", "/", fields, body));
      const passed = can.requestTrailers;
      expect(head.status).toBe(passed === 400 ? 400 : 200);
      if (passed !== 400) expect(got).toEqual({ body: "abcde", trailers: passed });
    });

    test("of an answer", async () => {
      const fields = "Transfer-Encoding: chunked\r\nTrailer: X-Sum";
      on.backend.script = answerBytes(
        `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n3\r\nabc\r\n0\r\n${ANSWER_TRAILERS}\r\n\r\n`,
      );
      const wire = await dial(on.url);
      for (const target of ["/", "/again"]) {
        wire.send(request("GET", target));
        const { head, body } = await readAnswer(wire, "GET");
        expect(body.toString()).toBe("abc");
        expect(head.field("trailer")).toBe(can.answerTrailers.length > 0 ? "X-Sum" : undefined);
        expect(wire.trailers).toEqual(can.answerTrailers);
      }
      wire.destroy();
    });
  });
}
