import { describe, expect, test } from "bun:test";
import { RawBackend } from "../raw/backend.ts";
import { ask, dial, request } from "../raw/client.ts";
import type { Wire } from "../raw/wire.ts";
import { until } from "../raw/within.ts";
import { childrenOf, isRunning } from "../system/process-tree.ts";
import { Program } from "../system/program.ts";
import { listeningUrl } from "../system/stage.ts";
import { echoing, OFFER } from "./upgrade-stage.ts";

/** Starts `lb` before an echo, and opens so many tunnels through it. */
async function tunnels(count: number, ...flags: readonly string[]) {
  const backend = await RawBackend.listen(echoing);
  const words = ["--port", "0", "--backends", backend.url, "--health-check-interval", "1h", ...flags];
  const program = new Program(words);
  const url = await listeningUrl(program);
  const wires = await Promise.all(Array.from({ length: count }, () => dial(url)));
  for (const wire of wires) {
    wire.send(OFFER);
    expect((await wire.head()).status).toBe(101);
  }
  return { program, url, wires, backend };
}

/** Sends something through a tunnel and back. */
async function isThere(wire: Wire): Promise<boolean> {
  wire.send("are you there");
  return (await wire.bytes(13)).toString() === "are you there";
}

function isRefused(url: string): Promise<boolean> {
  return dial(url).then(
    (wire) => {
      wire.destroy();
      return false;
    },
    () => true,
  );
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} waits for what is spliced`, async () => {
    const { program, url, wires, backend } = await tunnels(2, "--shutdown-timeout", "10m");
    await using balancer = program;
    balancer.signal(signal);
    await balancer.wrote(/shutting down, 2 requests under way, waiting at most 600s/);
    await until("new connections are refused", () => isRefused(url));
    for (const wire of wires) {
      expect(await isThere(wire)).toBe(true);
      wire.end();
      await wire.closed;
    }
    expect(await balancer.exitCode).toBe(0);
    expect(balancer.stdout).not.toContain("cut");
    await backend.close();
  });
}

test("what is spliced for longer than --shutdown-timeout is cut, on both sides, and told", async () => {
  const { program, wires, backend } = await tunnels(3, "--shutdown-timeout", "300ms");
  await using balancer = program;
  balancer.signal("SIGTERM");
  expect(await balancer.exitCode).toBe(0);
  expect(balancer.stdout).toContain("cut 3 requests that took longer than 300ms\n");
  for (const wire of wires) await wire.closed;
  await until("the backend's ends are closed", () => backend.wires.size === 0);
  await backend.close();
});

describe.skipIf(process.platform !== "linux")("with several workers", () => {
  test("a roll leaves what is spliced alone, and the sums count it", async () => {
    const { program, url, wires, backend } = await tunnels(40, "--workers", "2", "--shutdown-timeout", "10m");
    await using balancer = program;
    const old = childrenOf(balancer.pid);
    const isCounted = async () => {
      const { body } = await ask(url, request("GET", "/lb-status", ["Connection: close"]));
      return JSON.parse(body.toString()).inFlight === 40;
    };
    await until("all are under way for the status", isCounted);
    balancer.signal("SIGHUP");
    await until("there are new workers beside the old ones", () => childrenOf(balancer.pid).length === 4);
    for (const wire of wires) expect(await isThere(wire)).toBe(true);
    await until("all are under way for the status, still", isCounted);
    expect(old.every(isRunning)).toBe(true);
    for (const wire of wires) wire.end();
    await balancer.wrote(/replaced 2 workers/);
    expect(old.some(isRunning)).toBe(false);
    await backend.close();
  }, 20_000);
});
