import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { type Program, removeBundles } from "../adapters/runtime.ts";
import { BUN_HTTP1, DENO_HTTP1, NODE_HTTP1 } from "../adapters/runtimes.ts";
import { withBalancer } from "../adapters/stage.ts";
import { RawBackend } from "../raw/backend.ts";
import { ask, dial, request } from "../raw/client.ts";
import type { Wire } from "../raw/wire.ts";
import { until } from "../raw/within.ts";
import { OFFER, switching } from "./upgrade-stage.ts";

const LARGE = Buffer.alloc(8_000_000, "0123456789abcdef~");

/** What Linux would do next on a connection of this machine, as in /proc/net/tcp: 2 is to probe it. */
function timerOf(localPort: number, remotePort: number): string | undefined {
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, "0");
  const pattern = new RegExp(
    `:${hex(localPort)} [0-9A-F]{8}:${hex(remotePort)} 01 [0-9A-F]{8}:[0-9A-F]{8} (\\d\\d):`,
  );
  return pattern.exec(readFileSync("/proc/net/tcp", "utf8"))?.[1];
}

describe.each([BUN_HTTP1, DENO_HTTP1, NODE_HTTP1])("an upgrade through the front in $name", (runtime) => {
  let backend: RawBackend;
  let program: Program;
  let done: () => void;
  let ended: Promise<void>;

  beforeAll(async () => {
    backend = await RawBackend.listen(switching, 0, true);
    await new Promise<void>((started, failed) => {
      ended = withBalancer({ ...runtime, front: "http1" }, [backend], {}, (running) => {
        program = running;
        started();
        return new Promise((resolve) => {
          done = resolve;
        });
      });
      ended.catch(failed);
    });
  }, 30_000);

  afterAll(async () => {
    done();
    await ended;
    await removeBundles();
  });

  async function tunnel(): Promise<[client: Wire, back: Wire]> {
    const count = backend.seen.length;
    const client = await dial(program.url, true);
    client.send(OFFER);
    const head = await client.head();
    expect([head.status, head.field("upgrade"), head.field("connection")]).toEqual([101, "tcp", "Upgrade"]);
    return [client, (await backend.nextAfter(count)).wire];
  }

  const inFlight = async () =>
    JSON.parse((await ask(program.url, request("GET", "/lb-status"))).body.toString()).inFlight;
  const isOver = () => until("none is under way", async () => (await inFlight()) === 0);

  test("carries bytes both ways while it lasts", async () => {
    const [client, back] = await tunnel();
    for (const word of ["ping", "pong"]) {
      client.send(word);
      expect((await back.bytes(4)).toString()).toBe(word);
      back.send(word);
      expect((await client.bytes(4)).toString()).toBe(word);
    }
    expect(await inFlight()).toBe(1);
    client.end();
    expect((await back.rest()).length).toBe(0);
    back.end();
    expect((await client.rest()).length).toBe(0);
    await isOver();
  });

  test.each(["client", "backend"] as const)(
    "passes on the end of the %s alone, after all before it",
    async (first) => {
      const [client, back] = await tunnel();
      const [sender, reader] = first === "client" ? [client, back] : [back, client];
      reader.socket.pause();
      sender.send(LARGE);
      sender.end();
      reader.socket.resume();
      expect((await reader.rest()).equals(LARGE)).toBe(true);
      expect(await inFlight()).toBe(1);
      reader.send(LARGE);
      reader.end();
      expect((await sender.rest()).equals(LARGE)).toBe(true);
      await Promise.all([client.closed, back.closed]);
      await isOver();
    },
  );

  test("takes bytes that come with the offer along", async () => {
    const count = backend.seen.length;
    const client = await dial(program.url, true);
    client.send(`${OFFER}early`);
    client.end();
    expect((await client.head()).status).toBe(101);
    const { wire: back } = await backend.nextAfter(count);
    expect((await back.rest()).toString()).toBe("early");
    back.send("late");
    back.end();
    expect((await client.rest()).toString()).toBe("late");
    await isOver();
  });

  test.each(["client", "backend"] as const)("ends on both sides when the %s resets it", async (first) => {
    const [client, back] = await tunnel();
    const [breaking, other] = first === "client" ? [client, back] : [back, client];
    breaking.reset();
    await other.rest();
    await isOver();
    other.destroy();
    // Deno can only close: its other side learns of the break when it writes.
    expect(other.socket.errored !== null).toBe(runtime.name !== "deno");
  });

  test.skipIf(process.platform !== "linux")(
    "has the system make sure that both sides are there",
    async () => {
      const [client, back] = await tunnel();
      const front = Number(new URL(program.url).port);
      const { localPort: clientPort = 0 } = client.socket;
      const { remotePort: lbPort = 0 } = back.socket;
      // It asks for it once the offer was taken, which the client may learn first.
      await until("the client is probed", () => timerOf(front, clientPort) === "02");
      await until("the backend is probed", () => timerOf(lbPort, backend.port) === "02");
      client.reset();
      await isOver();
    },
  );
});
