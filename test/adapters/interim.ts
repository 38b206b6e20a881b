import { describe, expect, test } from "bun:test";
import { answerBytes } from "../raw/backend.ts";
import { ask, dial, request } from "../raw/client.ts";
import type { Head, Wire } from "../raw/wire.ts";
import type { Runtime } from "./runtime.ts";
import { stage } from "./stage.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** Every head up to the final answer's. */
async function headsOf(wire: Wire): Promise<Head[]> {
  const heads: Head[] = [];
  for (;;) {
    const head = await wire.head();
    heads.push(head);
    if (head.status >= 200) return heads;
  }
}

/** What a backend says before its answer (RFC 9110 §15.2), and who asks for it. */
export function interim(runtime: Runtime): void {
  const can = runtime.capabilities;

  describe("before the answer", () => {
    const on = stage(runtime);

    test("the backend may give early hints", async () => {
      const hints = "103 Early Hints\r\nLink: </a>; rel=preload\r\nConnection: x-gone\r\nX-Gone: 1\r\n\r\n";
      const early = `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 ${hints}HTTP/1.1 ${hints}`;
      on.backend.script = answerBytes(early + OK);
      const wire = await dial(on.url);
      wire.send(request("GET", "/"));
      const heads = (await headsOf(wire)).map(({ raw }) => raw);
      const hinted = "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload";
      const passed = can.passesInterim ? ["HTTP/1.1 102 Processing", hinted, hinted] : [];
      expect(heads.slice(0, -1)).toEqual(passed);
      expect(heads.at(-1)).toStartWith("HTTP/1.1 200 OK\r\n");
      wire.destroy();
    });

    test("hints come when they are given", async () => {
      const answer = Promise.withResolvers<void>();
      on.backend.script = async ({ wire }) => {
        wire.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
        if (can.passesInterim) await answer.promise;
        wire.send(OK);
      };
      const wire = await dial(on.url);
      wire.send(request("GET", "/"));
      const first = await wire.head();
      expect(first.status).toBe(can.passesInterim ? 103 : 200);
      answer.resolve();
      if (can.passesInterim) expect((await wire.head()).status).toBe(200);
      wire.destroy();
    });

    test("100 may come although nobody expects it", async () => {
      on.backend.script = answerBytes(`HTTP/1.1 100 Continue\r\n\r\n${OK}`);
      expect((await ask(on.url, request("GET", "/"))).head.status).toBe(can.unaskedContinue);
    });

    const expecting = request("POST", "/", ["Expect: 100-continue", "Content-Length: 3"]);

    test("a client that expects it is told to go on", async () => {
      on.backend.script = async ({ head, wire }) => {
        if (head.field("expect") !== undefined) wire.send("HTTP/1.1 100 Continue\r\nX-By: backend\r\n\r\n");
        expect((await wire.body(head)).toString()).toBe("abc");
        wire.send(OK);
      };
      const before = on.backend.seen.length;
      const wire = await dial(on.url);
      wire.send(expecting);
      const first = await wire.head();
      expect(first.status).toBe(100);
      expect(first.field("x-by")).toBe(can.continues === "backend" ? "backend" : undefined);
      wire.send("abc");
      expect((await headsOf(wire)).map(({ status }) => status)).toEqual([200]);
      const { head } = await on.backend.nextAfter(before);
      expect(head.field("expect")).toBe(can.continues === "backend" ? "100-continue" : undefined);
      wire.destroy();
    });

    test("a client that expects it may be answered instead", async () => {
      on.backend.script = async ({ head, wire }) => {
        wire.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
        await wire.body(head);
      };
      const wire = await dial(on.url);
      wire.send(expecting);
      const first = await wire.head();
      if (can.continues === "backend") {
        expect(first.status).toBe(401);
        // Its body may still come, or not: nobody can know, so the connection takes no other request.
        expect(first.field("connection")).toBe("close");
        await wire.rest();
      } else {
        expect(first.status).toBe(100);
        wire.send("abc");
        expect((await headsOf(wire)).map(({ status }) => status)).toEqual([401]);
      }
      wire.destroy();
    });
  });
}
