/** One contract for what accepts connections, over every runtime, with and without TLS. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { until, within } from "../raw/within.ts";
import { type Certificates, makeCertificates } from "../transport/http1/certificates.ts";
import { Peer } from "./peer.ts";
import { RUNTIMES, type Running } from "./runtimes.ts";
import { type Account, PIECE_BYTES, patternAt } from "./scripts.ts";

/** More than any kernel holds for a connection on loopback. */
const MANY_PIECES = 512;
/** What the kernel, TLS and the runtime may hold of one connection. */
const HELD_BYTES = 12_000_000;

let certificates: Certificates;

beforeAll(async () => {
  certificates = await makeCertificates();
});

for (const [name, start] of Object.entries(RUNTIMES)) {
  describe(name, () => {
    let running: Running;

    beforeAll(async () => {
      running = await start(certificates.server);
    }, 20_000);

    afterAll(() => running.stop());

    async function command(line: string): Promise<string> {
      const peer = await Peer.dial(running.places.plain);
      peer.socket.write(`${line}\n`);
      const answer = await peer.whole();
      peer.socket.destroy();
      return answer.toString();
    }

    /** The account of the last connection that was given this command. */
    async function accountOf(line: string): Promise<Account | undefined> {
      const accounts = JSON.parse(await command("report")) as Account[];
      return accounts.findLast((account) => account.command === line);
    }

    for (const kind of ["plain", "secure"] as const) {
      describe(kind, () => {
        const dial = (host?: string) =>
          Peer.dial(running.places[kind], kind === "plain" ? undefined : certificates.ca, host);

        async function said(line: string): Promise<Peer> {
          const peer = await dial();
          peer.socket.write(`${line}\n`);
          return peer;
        }

        test("echoes on several connections at once", async () => {
          const peers = await Promise.all(Array.from({ length: 20 }, () => said("echo")));
          for (const [index, { socket }] of peers.entries()) socket.write(`hello ${index}`);
          for (const [index, peer] of peers.entries()) {
            await peer.has(`hello ${index}`.length);
            expect(peer.text).toBe(`hello ${index}`);
            peer.socket.end();
            await peer.whole();
            peer.socket.destroy();
          }
        });

        test("echoes more than a socket holds", async () => {
          const peer = await said("echo");
          const bytes = Buffer.alloc(MANY_PIECES * PIECE_BYTES);
          for (let at = 0; at < bytes.length; at++) bytes[at] = patternAt(at >> 16, at & 65_535);
          peer.socket.write(bytes);
          await peer.has(bytes.length);
          peer.socket.end();
          expect((await peer.whole()).equals(bytes)).toBe(true);
          peer.socket.destroy();
        });

        test("answers one that has ended", async () => {
          const peer = await said("answer");
          peer.socket.end("12345");
          expect((await peer.whole()).toString()).toBe("got 5");
          expect(await peer.end()).toBe("");
          expect((await accountOf("answer"))?.events).toEqual(["opened", "ended", "closed"]);
        });

        test("closes only when everything has arrived at a slow reader", async () => {
          const peer = await dial();
          peer.socket.pause();
          peer.socket.write("big 80\n");
          // The writer has called close by then; nothing has been read yet.
          await until(
            "it was written",
            async () => (await accountOf("big 80"))?.written === 80 * PIECE_BYTES,
          );
          peer.socket.resume();
          expectPieces(await peer.whole(), 80);
          peer.socket.end();
          expect(await peer.end()).toBe("");
          await until("it was told", async () => {
            return (await accountOf("big 80"))?.events.at(-1) === "closed";
          });
        });

        test("destroys at once", async () => {
          const peer = await said("reset");
          await peer.whole();
          peer.socket.destroy();
          const code = await peer.end();
          // Deno has no reset.
          if (name !== "deno") expect(code).toBe("ECONNRESET");
          expect((await accountOf("reset"))?.events).toEqual(["opened", "closed"]);
        });

        test("ends its own direction and reads on", async () => {
          const peer = await said("half");
          expect((await peer.whole()).toString()).toBe("bye");
          peer.socket.write("still");
          await until("it came", async () => (await accountOf("half"))?.received === 5);
          expect((await accountOf("half"))?.isOpen).toBe(true);
          peer.socket.end("more");
          await peer.end();
          await until("it closed", async () => (await accountOf("half"))?.events.at(-1) === "closed");
          const account = await accountOf("half");
          expect(account?.received).toBe(9);
          expect(account?.events).toEqual(["opened", "ended", "closed"]);
          expect(account?.error).toBe("");
        });

        test("ends its own direction after what waits", async () => {
          const peer = await dial();
          peer.socket.pause();
          peer.socket.write("half-big 160\n");
          await until("it was written", async () => ((await accountOf("half-big 160"))?.written ?? 0) > 0);
          peer.socket.resume();
          expect((await peer.whole()).length).toBe(160 * PIECE_BYTES);
          peer.socket.end();
          await peer.end();
        });

        for (const way of ["drip", "copy"]) {
          test(`holds a writer up that is faster than its reader, with ${way}`, async () => {
            const line = `${way} ${MANY_PIECES}`;
            const peer = await dial();
            peer.socket.pause();
            peer.socket.write(`${line}\n`);
            await until("it was full", async () => (await accountOf(line))?.events.includes("full") === true);
            // Many turns more: what the kernel takes late is drained.
            for (let turn = 0; turn < 20; turn++) await command("report");
            const written = (await accountOf(line))?.written ?? 0;
            expect(written).toBeGreaterThan(0);
            expect(written).toBeLessThan(HELD_BYTES);
            peer.socket.resume();
            expectPieces(await peer.whole(), MANY_PIECES);
            peer.socket.end();
            await peer.end();
            expect((await accountOf(line))?.events).toContain("drained");
          });
        }

        test("holds a sender up while it is paused", async () => {
          const peer = await said("pause");
          const bytes = new Uint8Array(MANY_PIECES * PIECE_BYTES);
          const sent = new Promise<void>((done) => peer.socket.write(bytes, () => done()));
          for (let turn = 0; turn < 20; turn++) await command("report");
          expect((await accountOf("pause"))?.received).toBeLessThan(HELD_BYTES);
          await command("resume-all");
          await within(10_000, "all was sent", sent);
          peer.socket.end();
          await peer.end();
          await until("all came", async () => (await accountOf("pause"))?.received === bytes.length);
        });

        test("knows who is there", async () => {
          const peer = await said("peer");
          expect((await peer.whole()).toString()).toBe(`127.0.0.1 ${peer.socket.localPort}`);
          peer.socket.destroy();
          const other = await dial("::1");
          other.socket.write("peer\n");
          expect((await other.whole()).toString()).toBe(`::1 ${other.socket.localPort}`);
          other.socket.destroy();
        });

        test("survives a client that resets", async () => {
          for (const line of ["echo", "drip 512", "pause", ""]) {
            const peer = await said(line);
            peer.socket.resetAndDestroy();
            await peer.end();
          }
          expect(await command("peer")).toStartWith("127.0.0.1 ");
        });
      });
    }

    test("offers HTTP/1.1 alone to a client that would rather have HTTP/2", async () => {
      const peer = await Peer.dial(running.places.secure, certificates.ca);
      expect((peer.socket as import("node:tls").TLSSocket).alpnProtocol).toBe("http/1.1");
      peer.socket.destroy();
    });

    test("tells of a handshake that failed, and of nothing else", async () => {
      const before = (JSON.parse(await command("report")) as Account[]).length;
      const peers = [];
      for (let count = 0; count < 3; count++) peers.push(await Peer.dial(running.places.secure));
      const [talker, leaver, resetter] = peers;
      talker?.socket.write("GET / HTTP/1.1\r\n\r\n");
      leaver?.socket.end();
      resetter?.socket.resetAndDestroy();
      const failed = async () =>
        (JSON.parse(await command("report")) as Account[])
          .slice(before)
          .filter(({ events }) => events.length === 1 && events[0] === "closed");
      await until("all were told", async () => (await failed()).length === 3);
      for (const { error } of await failed()) expect(error).not.toBe("");
      for (const peer of peers) peer.socket.destroy();
      expect(running.errors()).toBe("");
    });

    test("rejects a port that is taken, unless both share it", () => {
      const { taken, shared, hasDescriptor } = running.places;
      expect(taken).toBe("EADDRINUSE");
      // Node shares from its version 23 on.
      if (name !== "node") expect(shared).toBe("none");
      expect(hasDescriptor).toBe(name === "bun");
    });

    test("keeps its connections when it stops listening", async () => {
      const peer = await Peer.dial(running.places.plain);
      peer.socket.write("echo\n");
      await until("it was accepted", async () => (await accountOf("echo"))?.isOpen === true);
      expect(await command("stop-listening")).toBe("done");
      const refused = await Peer.dial(running.places.plain).then(
        () => "connected",
        (error: Error) => error.message,
      );
      expect(refused).toBe("not connected: ECONNREFUSED");
      peer.socket.write("still here");
      await peer.has(10);
      expect(peer.text).toBe("still here");
      peer.socket.end();
      await peer.end();
      expect(running.errors()).toBe("");
    });
  });
}

function expectPieces(bytes: Buffer, pieces: number): void {
  expect(bytes.length).toBe(pieces * PIECE_BYTES);
  let wrong = -1;
  for (let at = 0; at < bytes.length && wrong < 0; at++) {
    if (bytes[at] !== patternAt(Math.floor(at / PIECE_BYTES), at % PIECE_BYTES)) wrong = at;
  }
  expect(wrong).toBe(-1);
}
