/** Compressed streams in each runtime: what comes is passed on as it comes, and no more is taken than is wanted. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createBrotliDecompress, createGunzip, createZstdDecompress } from "node:zlib";
import type { BehindMiddlewares } from "../adapters/behind-middlewares.ts";
import { Program, type Runtime, removeBundles } from "../adapters/runtime.ts";
import {
  BUN_FRONT,
  BUN_RUNTIME,
  DENO_FRONT,
  DENO_RUNTIME,
  NODE_FRONT,
  NODE_RUNTIME,
} from "../adapters/runtimes.ts";
import { answerOk, RawBackend } from "../raw/backend.ts";
import { dial, finalHead, request } from "../raw/client.ts";
import { until, within } from "../raw/within.ts";

/** Deno finds packages by a config only, and it is to have none. */
const bundled = (runtime: Runtime): Runtime => ({ ...runtime, needsBundle: true });

const RUNTIMES: readonly Runtime[] = [
  BUN_FRONT,
  BUN_RUNTIME,
  bundled(DENO_FRONT),
  bundled(DENO_RUNTIME),
  NODE_FRONT,
  NODE_RUNTIME,
];

const DECODERS = { br: createBrotliDecompress, gzip: createGunzip, zstd: createZstdDecompress };
const CODINGS = Object.keys(DECODERS) as (keyof typeof DECODERS)[];

/** One part of a chunked body. */
function chunk(bytes: Uint8Array | string): Buffer {
  const content = Buffer.from(bytes as string);
  return Buffer.concat([Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from("\r\n")]);
}

const chunkedHead = (type: string) =>
  `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`;

afterAll(removeBundles);

describe.each(RUNTIMES.map((runtime) => [`${runtime.name}, front ${runtime.front}`, runtime] as const))(
  "%s",
  (_, runtime) => {
    let backend: RawBackend;
    let program: Program;
    beforeAll(async () => {
      backend = await RawBackend.listen();
      const told: BehindMiddlewares = { backends: [backend.url], middlewares: [["compression", {}]] };
      program = await Program.start(runtime, "behind-middlewares.ts", told);
    }, 30_000);
    afterEach(() => {
      backend.script = answerOk;
    });
    afterAll(async () => {
      await program.kill();
      await backend.close();
    });

    describe.each(CODINGS)("%s", (coding) => {
      test.each(["text/event-stream", "text/plain"])(
        "%s: each part can be read before the next is sent",
        async (type) => {
          if (runtime.name === "node" && coding === "zstd")
            return expect(program.told).toContainEqual({
              warned: "compression: this runtime has no zstd",
            } as never);
          let sendNext = (_text: string) => {};
          backend.script = ({ wire }) => {
            wire.send(chunkedHead(type));
            sendNext = (text) => wire.send(text === "" ? "0\r\n\r\n" : chunk(text));
            sendNext("data: 0\n\n");
          };
          const wire = await dial(program.url);
          wire.send(request("GET", "/", [`Accept-Encoding: ${coding}`]));
          const head = await finalHead(wire);
          expect(head.field("content-encoding")).toBe(coding);
          const decoder = DECODERS[coding]();
          let text = "";
          decoder.on("data", (bytes: Buffer) => {
            text += bytes.toString();
          });
          let whole = "";
          const reading = (async () => {
            for await (const part of wire.parts(head)) decoder.write(part);
          })();
          for (let event = 0; event < 5; event++) {
            whole += `data: ${event}\n\n`;
            await until(`event ${event} came`, () => text === whole);
            sendNext(event === 4 ? "" : `data: ${event + 1}\n\n`);
          }
          await within(10_000, "the end", reading);
          wire.destroy();
        },
      );
    });

    test("a client's leaving ends the backend's work", async () => {
      let isGone = false;
      backend.script = ({ wire }) => {
        wire.send(chunkedHead("text/event-stream"));
        wire.send(chunk("data: 0\n\n"));
        void wire.closed.then(() => {
          isGone = true;
        });
      };
      const wire = await dial(program.url);
      wire.send(request("GET", "/", ["Accept-Encoding: gzip"]));
      await finalHead(wire);
      wire.destroy();
      await until("the backend's connection is closed", () => isGone);
    });

    test("a client that takes nothing holds the backend up", async () => {
      const part = chunk(crypto.getRandomValues(new Uint8Array(60_000)));
      let sentBytes = 0;
      let isOver = false;
      backend.script = async ({ wire }) => {
        wire.send(chunkedHead("text/plain"));
        void wire.closed.then(() => {
          isOver = true;
        });
        while (!isOver && sentBytes < 400_000_000) {
          await Promise.race([wire.sent(part), wire.closed]);
          sentBytes += part.length;
        }
      };
      const wire = await dial(program.url);
      wire.socket.pause();
      wire.send(request("GET", "/", ["Accept-Encoding: gzip"]));
      let before = -1;
      // Held up is what makes no progress from one look to the next; what the system's sockets hold is a few megabytes.
      await until(
        "the backend is held up",
        async () => {
          const isHeldUp = sentBytes > 0 && sentBytes === before;
          before = sentBytes;
          await new Promise((resolve) => setTimeout(resolve, 300));
          return isHeldUp;
        },
        20_000,
      );
      expect(sentBytes).toBeLessThan(100_000_000);
      wire.destroy();
      await until("the backend's connection is closed", () => isOver);
    }, 30_000);

    test("a body that breaks midway breaks the client's too", async () => {
      backend.script = ({ wire }) => {
        wire.send(chunkedHead("text/plain"));
        wire.send(chunk("the beginning"));
        wire.end();
      };
      const wire = await dial(program.url);
      wire.send(request("GET", "/", ["Accept-Encoding: gzip"]));
      const head = await finalHead(wire).catch(() => undefined);
      // Some servers send nothing of an answer that breaks before they have sent its head; none may end it well.
      if (head?.status === 200) await expect(wire.body(head)).rejects.toThrow();
      else expect(head?.status ?? 502).toBe(502);
      await wire.closed;
    });
  },
);
