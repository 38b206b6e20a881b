import { describe, expect, test } from "bun:test";
import { answerOk, type Script } from "../raw/backend.ts";
import { ask, dial, readAnswer, request } from "../raw/client.ts";
import { within } from "../raw/within.ts";
import type { Runtime } from "./runtime.ts";
import { stage } from "./stage.ts";

const OFFER = ["Connection: keep-alive, Upgrade", "Upgrade: echo/1, other", "X-Key: 1"];
const SWITCHED = "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\nX-Accept: 1\r\n\r\n";

/** Another protocol on the same connection (RFC 9110 §7.8). */
export function upgrades(runtime: Runtime): void {
  const can = runtime.capabilities;

  describe("an offer to switch protocols", () => {
    const on = stage(runtime);

    /** Switches if it was asked to, and says `hello` first. */
    const switching =
      (then: Script): Script =>
      async (seen) => {
        if (seen.head.field("upgrade") === undefined) return answerOk(seen);
        seen.wire.send(`${SWITCHED}hello`);
        await then(seen);
      };

    test("is passed on, and taken", async () => {
      on.backend.script = switching(async ({ wire }) => {
        // It has more to say when the client has said all.
        wire.socket.allowHalfOpen = true;
        const said = await wire.rest();
        wire.send(` ${said.toString().toUpperCase()}`);
        wire.end();
      });
      const before = on.backend.seen.length;
      const wire = await dial(on.url);
      wire.send(request("GET", "/", OFFER));
      const head = await wire.head();
      expect(head.status).toBe(can.switchesProtocols ? 101 : 200);
      const { head: seen } = await on.backend.nextAfter(before);
      expect(seen.field("upgrade")).toBe(can.switchesProtocols ? "echo/1, other" : undefined);
      expect(seen.field("x-key")).toBe("1");
      if (can.switchesProtocols) {
        expect(seen.field("connection")?.toLowerCase()).toBe("upgrade");
        expect(head.startLine).toBe("HTTP/1.1 101 Switching");
        expect(head.field("connection")?.toLowerCase()).toBe("upgrade");
        expect([head.field("upgrade"), head.field("x-accept")]).toEqual(["echo/1", "1"]);
        wire.send("\0not http\r\n\r\n");
        wire.end();
        expect((await wire.rest()).toString()).toBe("hello \0NOT HTTP\r\n\r\n");
      }
      wire.destroy();
    });

    test.each(can.switchesProtocols ? ["end", "reset"] : [])(
      "is over for the backend too when the client leaves by %s",
      async (how) => {
        on.backend.script = switching(async ({ wire }) => {
          await wire.rest();
        });
        const before = on.backend.seen.length;
        const wire = await dial(on.url);
        wire.send(request("GET", "/", OFFER));
        expect((await wire.head()).status).toBe(101);
        if (how === "end") wire.end();
        else wire.reset();
        const seen = await on.backend.nextAfter(before);
        await within(1_000, "the backend's connection to close", seen.wire.closed);
      },
    );

    test.each([
      ["400 Bad Request", "Content-Length: 4\r\n\r\nwhat"],
      ["426 Upgrade Required", "Connection: Upgrade\r\nUpgrade: other/2\r\nContent-Length: 4\r\n\r\nwhat"],
      ["200 OK", "Transfer-Encoding: chunked\r\n\r\n4\r\nwhat\r\n0\r\n\r\n"],
    ])("is refused with %s, which passes whole", async (status, rest) => {
      on.backend.script = ({ wire }) => wire.send(`HTTP/1.1 ${status}\r\nX-Why: 1\r\n${rest}`);
      const wire = await dial(on.url);
      wire.send(request("GET", "/", OFFER));
      const { head, body } = await readAnswer(wire, "GET");
      expect(head.startLine).toBe(`HTTP/1.1 ${status}`);
      expect([head.field("x-why"), body.toString()]).toEqual(["1", "what"]);
      const wants = can.switchesProtocols && status.startsWith("426") ? "other/2" : undefined;
      expect(head.field("upgrade")).toBe(wants);
      on.backend.script = answerOk;
      wire.send(request("GET", "/after"));
      expect((await readAnswer(wire, "GET")).head.status).toBe(200);
      wire.destroy();
    });

    test("of HTTP/2 is not passed on", async () => {
      on.backend.script = answerOk;
      const before = on.backend.seen.length;
      const fields = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"];
      expect((await ask(on.url, request("GET", "/", fields))).head.status).toBe(200);
      const { head } = await on.backend.nextAfter(before);
      for (const name of ["upgrade", "http2-settings"]) expect(head.all(name)).toEqual([]);
    });

    test("that nobody made is not taken", async () => {
      on.backend.script = ({ wire }) => wire.send(`${SWITCHED}hello`);
      const { head } = await ask(on.url, request("POST", "/", ["Content-Length: 0"]));
      expect(head.status).toBe(502);
    });
  });
}
