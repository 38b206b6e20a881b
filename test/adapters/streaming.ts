import { describe, expect, test } from "bun:test";
import { dial, finalHead, readAnswer, request } from "../raw/client.ts";
import { until, within } from "../raw/within.ts";
import type { Runtime } from "./runtime.ts";
import { stage } from "./stage.ts";

const CHUNKED = "Transfer-Encoding: chunked";
const MEGABYTE = Buffer.alloc(1 << 20, "m");

/** What a stalled transfer may add to a process: its buffers and the sockets', not the body. */
const BOUNDED_BYTES = 32 << 20;

/** One chunk of a chunked body. */
function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

/** Waits until a number that grows has stopped growing. */
async function settled(what: string, read: () => number): Promise<number> {
  let last = -1;
  let since = performance.now();
  await until(
    what,
    () => {
      const now = read();
      if (now !== last) {
        last = now;
        since = performance.now();
      }
      return now > 0 && performance.now() - since > 400;
    },
    20_000,
  );
  return last;
}

/** Bodies that come bit by bit, or are large. */
export function streaming(runtime: Runtime): void {
  const can = runtime.capabilities;

  describe("a body", () => {
    const on = stage(runtime);

    test("reaches the client chunk by chunk", async () => {
      const gates = [1, 2, 3].map(() => Promise.withResolvers<void>());
      on.backend.script = async ({ wire }) => {
        wire.send(`HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n${CHUNKED}\r\n\r\n`);
        for (const [index, gate] of gates.entries()) {
          await gate.promise;
          wire.send(chunk(`data: ${index}\n\n`));
        }
        wire.send("0\r\n\r\n");
      };
      const wire = await dial(on.url);
      wire.send(request("GET", "/"));
      gates[0]?.resolve();
      const head = await finalHead(wire);
      expect(head.field("content-type")).toBe("text/event-stream");
      const events: string[] = [];
      for await (const part of wire.parts(head)) {
        events.push(part.toString());
        gates[events.length]?.resolve();
      }
      expect(events).toEqual(["data: 0\n\n", "data: 1\n\n", "data: 2\n\n"]);
      wire.destroy();
    });

    test("that is not there yet does not keep the head back", async () => {
      const body = Promise.withResolvers<void>();
      on.backend.script = async ({ wire }) => {
        wire.send(`HTTP/1.1 200 OK\r\n${CHUNKED}\r\n\r\n`);
        await body.promise;
        wire.send(`${chunk("late")}0\r\n\r\n`);
      };
      const wire = await dial(on.url);
      wire.send(request("GET", "/"));
      const isEarly = await finalHead(wire, can.headBeforeBody ? 5_000 : 300).then(
        () => true,
        (error: Error) => !error.message.startsWith("waited"),
      );
      expect(isEarly).toBe(can.headBeforeBody);
      body.resolve();
      wire.destroy();
    });

    test("reaches the backend chunk by chunk", async () => {
      const parts: string[] = [];
      const before = on.backend.seen.length;
      on.backend.script = async ({ head, wire }) => {
        for await (const part of wire.parts(head)) parts.push(part.toString());
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      };
      const wire = await dial(on.url);
      wire.send(request("POST", "/", [CHUNKED]));
      for (let index = 0; index < 3; index++) {
        wire.send(chunk(`part ${index}`));
        await until(`part ${index} came`, () => parts.length === index + 1);
      }
      wire.send("0\r\n\r\n");
      expect((await readAnswer(wire, "POST")).head.status).toBe(200);
      expect(parts).toEqual(["part 0", "part 1", "part 2"]);
      expect(on.backend.seen.length).toBe(before + 1);
      wire.destroy();
    });

    test("is answered while it is still being sent", async () => {
      on.backend.script = async ({ head, wire }) => {
        wire.send(`HTTP/1.1 200 OK\r\n${CHUNKED}\r\n\r\n`);
        for await (const part of wire.parts(head)) wire.send(chunk(part.toString().toUpperCase()));
        wire.send("0\r\n\r\n");
      };
      const wire = await dial(on.url);
      wire.send(`${request("POST", "/", [CHUNKED])}${chunk("echo a")}`);
      const head = await finalHead(wire);
      const echoes: string[] = [];
      for await (const part of wire.parts(head)) {
        echoes.push(part.toString());
        wire.send(echoes.length === 1 ? chunk("echo b") : "0\r\n\r\n");
      }
      expect(echoes).toEqual(["ECHO A", "ECHO B"]);
      wire.destroy();
    });

    test("of 64 MB that nobody takes stays with the backend", async () => {
      const size = 64;
      let sent = 0;
      on.backend.script = async ({ wire }) => {
        wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size << 20}\r\n\r\n`);
        for (; sent < size; sent++) await wire.sent(MEGABYTE);
      };
      const before = await on.program.residentBytes();
      const wire = await dial(on.url);
      wire.send(request("GET", "/"));
      const head = await finalHead(wire);
      wire.socket.pause();
      expect(await settled("the backend is stalled", () => sent)).toBeLessThan(size);
      expect((await on.program.residentBytes()) - before).toBeLessThan(BOUNDED_BYTES);
      wire.socket.resume();
      let got = 0;
      for await (const part of wire.parts(head)) got += part.length;
      expect(got).toBe(size << 20);
      wire.destroy();
    }, 30_000);

    test("of 64 MB that the backend does not take stays with the client", async () => {
      const size = 64;
      const gate = Promise.withResolvers<void>();
      let got = 0;
      on.backend.script = async ({ head, wire }) => {
        wire.socket.pause();
        await gate.promise;
        wire.socket.resume();
        for await (const part of wire.parts(head)) got += part.length;
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      };
      const before = await on.program.residentBytes();
      const wire = await dial(on.url);
      wire.send(request("POST", "/", [`Content-Length: ${size << 20}`]));
      let sent = 0;
      const sending = (async () => {
        for (; sent < size; sent++) await wire.sent(MEGABYTE);
      })();
      expect(await settled("the client is stalled", () => sent)).toBeLessThan(size);
      expect((await on.program.residentBytes()) - before).toBeLessThan(BOUNDED_BYTES);
      gate.resolve();
      await sending;
      expect((await readAnswer(wire, "POST")).head.status).toBe(200);
      expect(got).toBe(size << 20);
      wire.destroy();
    }, 30_000);

    test("of 150 MB is taken", async () => {
      const size = 150;
      let got = 0;
      on.backend.script = async ({ head, wire }) => {
        for await (const part of wire.parts(head)) got += part.length;
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      };
      const wire = await dial(on.url);
      wire.send(request("POST", "/", [`Content-Length: ${size << 20}`]));
      for (let sent = 0; sent < size; sent++) await wire.sent(MEGABYTE);
      expect((await readAnswer(wire, "POST")).head.status).toBe(200);
      expect(got).toBe(size << 20);
      const framing =
        on.backend.seen.at(-1)?.head.field("content-length") === undefined ? "chunked" : "content-length";
      expect(framing).toBe(can.largeUpload);
      wire.destroy();
    }, 60_000);

    test.each(["reads on", "leaves"])(
      "that is answered early, by a backend that then %s",
      async (next) => {
        const answered = Promise.withResolvers<void>();
        on.backend.script = async ({ head, wire }) => {
          wire.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
          await answered.promise;
          if (next === "leaves") wire.destroy();
          for await (const part of wire.parts(head)) expect(part.length).toBeGreaterThan(0);
        };
        const wire = await dial(on.url);
        wire.send(request("POST", "/", [`Content-Length: ${64 << 20}`]));
        wire.send(MEGABYTE);
        const { head, body } = await readAnswer(wire, "POST");
        expect([head.status, body.toString()]).toEqual([413, "no"]);
        answered.resolve();
        // What is left of it is read and dropped, or the connection is closed; the client is never left hanging.
        const sending = (async () => {
          for (let sent = 1; sent < 64; sent++) await wire.sent(MEGABYTE);
        })();
        await within(15_000, "the end of the upload", Promise.race([sending, wire.closed]));
        wire.destroy();
      },
      20_000,
    );
  });
}
