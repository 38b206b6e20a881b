/** A transfer that one side does not take is held up at the other: the program keeps next to nothing of it. */
import { describe, expect, test } from "bun:test";
import { RawBackend, type Script } from "../raw/backend.ts";
import { dial, finalHead, readAnswer, request } from "../raw/client.ts";
import type { Wire } from "../raw/wire.ts";
import { until } from "../raw/within.ts";
import { Program } from "./program.ts";
import { listeningUrl } from "./stage.ts";

const MEGABYTE = Buffer.alloc(1 << 20, "m");
const CHUNK = Buffer.concat([Buffer.from("100000\r\n"), MEGABYTE, Buffer.from("\r\n")]);
const LAST_CHUNK = Buffer.from("0\r\n\r\n");

/** All of the program: what it is before it does anything, and what it holds of the transfer. */
const MOST_BYTES = 120 << 20;

/** The most memory that a process ever had, in bytes. Linux says so. */
async function peakBytes(program: Program): Promise<number> {
  const status = await Bun.file(`/proc/${program.pid}/status`).text();
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** Waits until a number that grows has stopped growing, as it does once every buffer on the way is full. */
async function settled(what: string, read: () => number): Promise<number> {
  let last = -1;
  let sinceMs = 0;
  await until(
    what,
    () => {
      const now = read();
      if (now !== last) sinceMs = performance.now();
      last = now;
      return now > 0 && performance.now() - sinceMs > 400;
    },
    20_000,
  );
  return last;
}

async function withProgram(
  script: Script,
  use: (url: string, program: Program) => Promise<void>,
): Promise<void> {
  const backend = await RawBackend.listen(script);
  const flags = ["--port", "0", "--backends", backend.url, "--health-check-interval", "1h"];
  await using program = new Program(flags);
  const url = await listeningUrl(program);
  await program.wrote(/is up/);
  await use(url, program);
  await backend.close();
}

/** Sends so many megabytes, as fast as they are taken. `sent` counts them. */
async function send(wire: Wire, isChunked: boolean, megabytes: number, sent: () => void): Promise<void> {
  for (let count = 0; count < megabytes; count++) {
    await wire.sent(isChunked ? CHUNK : MEGABYTE);
    sent();
  }
  if (isChunked) wire.send(LAST_CHUNK);
}

const isLinux = process.platform === "linux";

describe.skipIf(!isLinux)("a transfer that nobody takes stays where it is", () => {
  test.each([
    ["with a length", 512, (bytes: number) => `Content-Length: ${bytes}`],
    ["in chunks", 128, () => "Transfer-Encoding: chunked"],
    ["until the end of the connection", 128, () => "Connection: close"],
  ])(
    "a download %s of %p MiB",
    async (_, megabytes, framing) => {
      let sent = 0;
      const isChunked = framing(0).includes("chunked");
      const script: Script = async ({ head, wire }) => {
        if (head.target !== "/large") return wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        wire.send(`HTTP/1.1 200 OK\r\n${framing(megabytes << 20)}\r\n\r\n`);
        await send(wire, isChunked, megabytes, () => sent++);
        if (framing(0).includes("close")) wire.end();
      };
      await withProgram(script, async (url, program) => {
        const wire = await dial(url);
        wire.send(request("GET", "/large"));
        const head = await finalHead(wire);
        wire.socket.pause();
        expect(await settled("the backend is stalled", () => sent)).toBeLessThan(megabytes / 2);
        wire.socket.resume();
        let got = 0;
        for await (const part of wire.parts(head)) got += part.length;
        expect(got).toBe(megabytes << 20);
        expect(await peakBytes(program)).toBeLessThan(MOST_BYTES);
        wire.destroy();
      });
    },
    60_000,
  );

  test.each([
    ["with a length", 512, (bytes: number) => `Content-Length: ${bytes}`],
    ["in chunks", 128, () => "Transfer-Encoding: chunked"],
  ])(
    "an upload %s of %p MiB",
    async (_, megabytes, framing) => {
      const gate = Promise.withResolvers<void>();
      let got = 0;
      const script: Script = async ({ head, wire }) => {
        if (head.target === "/large") {
          wire.socket.pause();
          await gate.promise;
          wire.socket.resume();
          for await (const part of wire.parts(head)) got += part.length;
        }
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      };
      await withProgram(script, async (url, program) => {
        const wire = await dial(url);
        wire.send(request("POST", "/large", [framing(megabytes << 20)]));
        let sent = 0;
        const sending = send(wire, framing(0).includes("chunked"), megabytes, () => sent++);
        expect(await settled("the client is stalled", () => sent)).toBeLessThan(megabytes / 2);
        gate.resolve();
        await sending;
        expect((await readAnswer(wire, "POST")).head.status).toBe(200);
        expect(got).toBe(megabytes << 20);
        expect(await peakBytes(program)).toBeLessThan(MOST_BYTES);
        wire.destroy();
      });
    },
    60_000,
  );
});
