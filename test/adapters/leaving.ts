import { describe, expect, test } from "bun:test";
import { RawBackend, type Script } from "../raw/backend.ts";
import { ask, dial, finalHead, request } from "../raw/client.ts";
import { until, within } from "../raw/within.ts";
import type { Runtime } from "./runtime.ts";
import { stage, withBalancer } from "./stage.ts";

/** How soon the backend is to hear of a client that left. */
const SOON_MS = 1_000;

/** Reads a request and never answers it. */
const silent: Script = async ({ wire }) => {
  await wire.rest();
};

/** Exchanges that break off, on either side. */
export function leaving(runtime: Runtime): void {
  const can = runtime.capabilities;

  describe("the backend's connection is closed when the client leaves", () => {
    const on = stage(runtime);

    test.each([0, 300])("%d ms after its request", async (delayMs) => {
      on.backend.script = silent;
      const before = on.backend.seen.length;
      const wire = await dial(on.url);
      wire.send(request("GET", "/"));
      const seen = await on.backend.nextAfter(before);
      // What is tested is the moment of leaving: before and after a quiet exchange is watched.
      await Bun.sleep(delayMs);
      wire.destroy();
      await within(SOON_MS, "the backend's connection to close", seen.wire.closed);
    });

    test("that had a body", async () => {
      on.backend.script = async ({ head, wire }) => {
        await wire.body(head);
        await wire.rest();
      };
      const before = on.backend.seen.length;
      const wire = await dial(on.url);
      wire.send(request("POST", "/", ["Content-Length: 3"], "abc"));
      const seen = await on.backend.nextAfter(before);
      wire.destroy();
      await within(SOON_MS, "the backend's connection to close", seen.wire.closed);
    });

    test.each(["Transfer-Encoding: chunked", "Content-Length: 1000", "Content-Length: 1000000"])(
      "in the middle of an answer with %s",
      async (framing) => {
        on.backend.script = async ({ wire }) => {
          wire.send(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n5\r\nabcde\r\n`);
          await wire.rest();
        };
        const before = on.backend.seen.length;
        const wire = await dial(on.url);
        wire.send(request("GET", "/"));
        const seen = await on.backend.nextAfter(before);
        const head = await finalHead(wire);
        for await (const part of wire.parts(head)) {
          expect(part.length).toBeGreaterThan(0);
          break;
        }
        wire.destroy();
        await within(SOON_MS, "the backend's connection to close", seen.wire.closed);
      },
    );

    test("in the middle of its own request, which never looks whole", async () => {
      let outcome = "";
      on.backend.script = async ({ head, wire }) => {
        outcome = await wire.body(head).then(
          () => "whole",
          () => "broken",
        );
      };
      const before = on.backend.seen.length;
      const wire = await dial(on.url);
      wire.send(request("POST", "/", ["Transfer-Encoding: chunked"], "3\r\nabc\r\n"));
      const seen = await on.backend.nextAfter(before);
      wire.destroy();
      await within(SOON_MS, "the backend's connection to close", seen.wire.closed);
      await until("the backend has read it", () => outcome !== "");
      expect(outcome).toBe("broken");
    });

    test("and nothing is left in flight", async () => {
      const status = async () =>
        JSON.parse((await ask(on.url, request("GET", "/lb-status"))).body.toString());
      await until("no exchange is in flight", async () => (await status()).inFlight === 0);
    });
  });

  // Which of the two comes first in the middle, the end of the request or the answer's, is chance to a server.
  test.each(can.answersHalfClosed ? ["before", "in the middle of"] : ["before"])(
    "a client that closes its half of the connection %s its answer gets it whole",
    async (when) => {
      const backend = await RawBackend.listen();
      await withBalancer(runtime, [backend], {}, async ({ url }) => {
        const isPartTaken = Promise.withResolvers<void>();
        backend.script = async ({ wire }) => {
          wire.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
          await isPartTaken.promise;
          wire.send("def");
        };
        const wire = await dial(url);
        wire.send(request("GET", "/"));
        const end = () => new Promise<void>((resolve) => wire.socket.end(resolve));
        if (when === "before") await end();
        let text = "";
        const reading = (async () => {
          const head = await finalHead(wire);
          for await (const part of wire.parts(head)) {
            text += part.toString();
            if (text !== "abc") continue;
            if (when !== "before") await end();
            isPartTaken.resolve();
          }
        })().finally(isPartTaken.resolve);
        if (can.answersHalfClosed) await reading;
        else await expect(reading).rejects.toThrow("the connection ended before");
        expect(text === "abcdef").toBe(can.answersHalfClosed);
        await wire.closed;
      });
    },
  );

  test("a client that has closed its half of the connection is answered all that it asked", async () => {
    const backend = await RawBackend.listen(({ head, wire }) => {
      wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${head.target.length}\r\n\r\n${head.target}`);
    });
    await withBalancer(runtime, [backend], {}, async ({ url }) => {
      const wire = await dial(url);
      wire.socket.end(request("GET", "/1") + request("GET", "/2") + request("GET", "/3"));
      const answers = (await wire.rest()).toString().match(/^\/\d/gm) ?? [];
      expect(answers.join(" ") === "/1 /2 /3").toBe(can.answersHalfClosed);
    });
  });

  describe("a body that breaks never looks whole", () => {
    const on = stage(runtime);

    test.each([
      ["short of a small Content-Length", "Content-Length: 1000\r\n\r\nabc", ""],
      ["short of a large Content-Length", "Content-Length: 1000000\r\n\r\nabc", ""],
      ["between chunks", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", ""],
      ["inside a chunk", "Transfer-Encoding: chunked\r\n\r\n9\r\nabc", ""],
      // Not at once: what is wrong before a byte was passed on may also be answered with 502.
      ["at a chunk that is none", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "zz\r\n"],
    ])("%s", async (_, bytes, rest) => {
      for (const how of ["end", "reset"] as const) {
        const isPartTaken = Promise.withResolvers<void>();
        on.backend.script = async ({ wire }) => {
          wire.send(`HTTP/1.1 200 OK\r\n${bytes}`);
          await isPartTaken.promise;
          wire.send(rest);
          wire[how]();
        };
        const wire = await dial(on.url);
        wire.send(request("GET", "/"));
        let text = "";
        const reading = (async () => {
          const head = await finalHead(wire);
          for await (const part of wire.parts(head)) {
            text += part.toString();
            if (text === "abc") isPartTaken.resolve();
          }
        })().finally(isPartTaken.resolve);
        await expect(reading).rejects.toThrow("the connection ended before");
        expect("abc".startsWith(text)).toBe(true);
        wire.destroy();
      }
    });

    test("but for the empty line after the last chunk", async () => {
      on.backend.script = ({ wire }) => {
        wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n");
        wire.end();
      };
      const outcome = await ask(on.url, request("GET", "/")).then(
        ({ body }) => body.toString(),
        (error: Error) => error.name,
      );
      expect(outcome).toBe(can.endsAtLastChunk ? "abc" : "Cut");
    });

    test("and the program says no more of it than is known", () => {
      expect(on.program.errors).toMatch(can.saysOfBrokenBody);
    });
  });
}
