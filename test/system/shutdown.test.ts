import { describe, expect, test } from "bun:test";
import { dial, readAnswer, request } from "../raw/client.ts";
import type { Wire } from "../raw/wire.ts";
import { until } from "../raw/within.ts";
import { Gate } from "./gate.ts";
import { Program } from "./program.ts";
import { listeningUrl } from "./stage.ts";

/** Starts a balancer before the gate. */
async function balancerBefore(gate: Gate, ...flags: string[]): Promise<[Program, string]> {
  const balancer = new Program(["--port", "0", "--backends", gate.origin, ...flags]);
  return [balancer, await listeningUrl(balancer)];
}

/** Asks again and again on one connection, until an answer says that it is the last; how many there were. */
async function askUntilClosed(url: string, onFirst: () => void): Promise<number> {
  const wire = await dial(url);
  for (let answers = 1; ; answers++) {
    wire.send(request("GET", "/"));
    const { head, body } = await readAnswer(wire, "GET");
    expect([head.status, body.toString()]).toEqual([200, "at once\n"]);
    if (answers === 1) onFirst();
    if (/^connection: close$/im.test(head.raw)) return answers;
  }
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} loses no request: neither one under way nor one on a kept-alive connection`, async () => {
    using gate = new Gate();
    const [program, url] = await balancerBefore(gate, "--shutdown-timeout", "10m");
    await using balancer = program;
    const slow = await dial(url);
    slow.send(request("GET", "/gate"));
    await gate.reached(1);
    const idle = await dial(url);
    idle.send(request("GET", "/"));
    await readAnswer(idle, "GET");

    const { promise: busy, resolve } = Promise.withResolvers<void>();
    const asked = askUntilClosed(url, resolve);
    await busy;
    balancer.signal(signal);
    await asked;
    await until("new connections are refused", () => dial(url).then(hungUp, () => true));
    gate.open();
    const { head, body } = await readAnswer(slow, "GET");
    expect([head.status, body.toString()]).toEqual([200, "through the gate\n"]);
    expect(await balancer.exitCode).toBe(0);
    // The busy connection may have had one under way as well.
    expect(balancer.stdout).toMatch(
      new RegExp(`${signal}: shutting down, [12] requests? under way, waiting at most 600s\\n`),
    );
    expect(balancer.stdout.trimEnd()).toEndWith("stopped");
    for (const wire of [slow, idle]) wire.destroy();
  });
}

/** Connections that are let in while the listener lingers are given back. */
function hungUp(wire: { destroy(): void }): boolean {
  wire.destroy();
  return false;
}

/** Asks on one connection after another until none is let in any more, and tells how it went otherwise. */
async function connectUntilRefused(url: string, told: (failure: string | undefined) => void): Promise<void> {
  for (;;) {
    let wire: Wire;
    try {
      wire = await dial(url);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ECONNREFUSED") return;
      throw error;
    }
    try {
      wire.send(request("GET", "/", ["Connection: close"]));
      const { head } = await readAnswer(wire, "GET");
      told(head.status === 200 ? undefined : head.startLine);
    } catch (error) {
      told(String(error));
    } finally {
      wire.destroy();
    }
  }
}

describe.skipIf(process.platform !== "linux")("clients that connect all the time", () => {
  for (const workers of ["1", "2"]) {
    test(`are served or refused, and none is reset, with --workers ${workers}`, async () => {
      using gate = new Gate();
      const [program, url] = await balancerBefore(gate, "--workers", workers);
      await using balancer = program;
      await balancer.wrote(/ is up: /);
      const failures: string[] = [];
      let answers = 0;
      const clients = Array.from({ length: 24 }, () =>
        connectUntilRefused(url, (failure) => {
          answers += 1;
          if (failure !== undefined) failures.push(failure);
        }),
      );
      await until("500 answers", () => answers >= 500);
      balancer.signal("SIGTERM");
      await Promise.all(clients);
      expect(failures).toEqual([]);
      expect(await balancer.exitCode).toBe(0);
      expect(balancer.stderr).toBe("");
    }, 20_000);
  }
});

test("idle connections do not hold the end back", async () => {
  using gate = new Gate();
  const [program, url] = await balancerBefore(gate, "--shutdown-timeout", "10m");
  await using balancer = program;
  const idle = await dial(url);
  idle.send(request("GET", "/"));
  await readAnswer(idle, "GET");
  balancer.signal("SIGTERM");
  expect(await balancer.exitCode).toBe(0);
  idle.destroy();
});

for (const [signal, code] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const) {
  test(`a second signal, ${signal}, ends it at once with ${code}`, async () => {
    using gate = new Gate();
    const [program, url] = await balancerBefore(gate, "--shutdown-timeout", "10m");
    await using balancer = program;
    const slow = await dial(url);
    slow.send(request("GET", "/gate"));
    await gate.reached(1);
    balancer.signal("SIGTERM");
    await balancer.wrote(/shutting down/);
    balancer.signal(signal);
    expect(await balancer.exitCode).toBe(code);
    slow.destroy();
  });
}

test("what takes longer than --shutdown-timeout is cut, counted and told", async () => {
  using gate = new Gate();
  const [program, url] = await balancerBefore(gate, "--shutdown-timeout", "300ms");
  await using balancer = program;
  const slow = await dial(url);
  slow.send(request("GET", "/gate"));
  await gate.reached(1);
  balancer.signal("SIGTERM");
  expect(await balancer.exitCode).toBe(0);
  expect(balancer.stdout).toMatch(/warn {2}cut 1 request that took longer than 300ms\n/);
  slow.destroy();
});
