import { describe, expect, test } from "bun:test";
import { ask, dial, readAnswer, request } from "../raw/client.ts";
import { Cut } from "../raw/wire.ts";
import { until } from "../raw/within.ts";
import { Gate } from "./gate.ts";
import { PersistentClients } from "./persistent-clients.ts";
import { childrenOf, cpuMs, isRunning, socketCount } from "./process-tree.ts";
import { Program, run } from "./program.ts";
import { listeningUrl, Stage } from "./stage.ts";

/** What the status says, as far as it is looked at here. */
interface Status {
  readonly inFlight: number;
  readonly backends: readonly { readonly url: string; readonly alive: boolean; readonly requests: number }[];
}

/** Starts a balancer with two workers before the gate. */
async function workersBefore(gate: Gate, ...flags: string[]): Promise<[Program, string, number[]]> {
  const words = ["--port", "0", "--workers", "2", "--backends", gate.origin, ...flags];
  const balancer = new Program(words);
  const url = await listeningUrl(balancer);
  await balancer.wrote(/2 workers share the port/);
  return [balancer, url, childrenOf(balancer.pid)];
}

/**
 * Opens so many connections that each worker has some, all waiting at the gate, and gives their answers'
 * texts: undefined for one that was cut.
 */
async function slowOnEach(
  gate: Gate,
  url: string,
  count = 40,
): Promise<() => Promise<(string | undefined)[]>> {
  // Of forty, none falls to one of two workers once in 2^39 times.
  const wires = await Promise.all(Array.from({ length: count }, () => dial(url)));
  const answers = wires.map(async (wire) => {
    try {
      wire.send(request("GET", "/gate"));
      return (await readAnswer(wire, "GET")).body.toString();
    } catch (error) {
      if (error instanceof Cut) return undefined;
      throw error;
    } finally {
      wire.destroy();
    }
  });
  await gate.reached(count);
  return () => Promise.all(answers);
}

const ALL_THROUGH = Array<string>(40).fill("through the gate\n");
const ALL_CUT = Array<undefined>(40).fill(undefined);

/** Waits until nobody takes connections there any more. */
function refusing(url: string): Promise<void> {
  return until("new connections are refused", async () => {
    try {
      (await dial(url)).destroy();
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
    }
  });
}

/** The status as a connection of its own gets it. */
async function statusOf(url: string): Promise<Status> {
  const { body } = await ask(url, request("GET", "/lb-status", ["Connection: close"]));
  return JSON.parse(body.toString());
}

/** Reads the status on so many connections until all of them say the same and it is as it should be. */
function agreed(url: string, what: string, isRight: (status: Status) => boolean): Promise<void> {
  return until(`the status of all workers says ${what}`, async () => {
    const statuses = await Promise.all(Array.from({ length: 8 }, () => statusOf(url)));
    const texts = new Set(statuses.map((status) => JSON.stringify(status)));
    return texts.size === 1 && statuses.every(isRight);
  });
}

function gone(pids: readonly number[]): Promise<void> {
  return until(`processes ${pids} are gone`, () => !pids.some(isRunning));
}

describe.skipIf(process.platform !== "linux")("with several workers", () => {
  test("connections spread over them, turns are fair, and any of them tells the sums", async () => {
    await using stage = await Stage.start(3, "--workers", "2");
    const pids = childrenOf(stage.balancer.pid);
    expect(pids).toHaveLength(2);
    const before = pids.map(socketCount);
    const wires = await Promise.all(Array.from({ length: 120 }, () => dial(stage.url)));
    for (const wire of wires) wire.send(request("GET", "/"));
    for (const wire of wires) expect((await readAnswer(wire, "GET")).head.status).toBe(200);
    // A worker that got fewer than thirty of 120 would be one in 10^8.
    for (const [index, pid] of pids.entries()) {
      expect(socketCount(pid) - (before[index] as number)).toBeGreaterThan(30);
    }
    for (const wire of wires) wire.destroy();
    // Each worker goes round by itself, so that each may be one turn ahead at some backend.
    await agreed(stage.url, "120 requests, evenly", ({ backends }) => {
      const counts = backends.map(({ requests }) => requests);
      return (
        counts.reduce((sum, count) => sum + count, 0) === 120 &&
        counts.every((count) => Math.abs(count - 40) <= 2)
      );
    });
    expect(stage.balancer.stdout.match(/ is up: /g)).toHaveLength(3);
  });

  test("what is under way is in the sums while it is", async () => {
    using gate = new Gate();
    const [program, url] = await workersBefore(gate);
    await using _ = program;
    // More than each may have under way as Bun comes.
    const answers = await slowOnEach(gate, url, 700);
    await agreed(url, "700 under way", ({ inFlight }) => inFlight === 700);
    gate.open();
    expect(new Set(await answers())).toEqual(new Set(["through the gate\n"]));
    await agreed(
      url,
      "none under way",
      ({ inFlight, backends }) => inFlight === 0 && backends[0]?.requests === 700,
    );
  });

  test("a worker that is killed costs only what it had under way, and is started again", async () => {
    await using stage = await Stage.start(2, "--workers", "2");
    const [victim = 0, sibling = 0] = childrenOf(stage.balancer.pid);
    const clients = new PersistentClients(stage.url, 20);
    await clients.more(300);
    const killedMs = performance.now();
    process.kill(victim, "SIGKILL");
    await stage.balancer.wrote(
      new RegExp(`worker \\d \\(process ${victim}\\) ended: SIGKILL; starting it again in 100ms`),
    );
    await stage.balancer.wrote(/worker \d is back/);
    const backMs = performance.now();
    await clients.more(300);
    await clients.stop();
    expect(clients.failed.filter(({ sentMs, failedMs }) => sentMs > backMs || failedMs < killedMs)).toEqual(
      [],
    );
    // Not more than one for each client: the next one reached the sibling.
    expect(clients.failed.length).toBeLessThanOrEqual(20);
    const pids = childrenOf(stage.balancer.pid);
    expect(pids).toHaveLength(2);
    expect(pids).toContain(sibling);
    expect(stage.balancer.stderr).toBe("");
  });

  test("a backend that is killed costs no GET, and is told of once", async () => {
    await using stage = await Stage.start(3, "--workers", "2");
    const [origin] = stage.origins;
    const clients = new PersistentClients(stage.url, 20, "/slow?ms=2");
    await clients.more(300);
    stage.servers[0]?.signal("SIGKILL");
    await stage.balancer.wrote(new RegExp(`${origin} is down`));
    await clients.more(300);
    await clients.stop();
    expect(clients.failed).toEqual([]);
    expect(stage.balancer.stdout.match(new RegExp(`${origin} is down`, "g"))).toHaveLength(1);
    await agreed(
      stage.url,
      "one is down",
      ({ backends }) => backends.map(({ alive }) => alive).join() === "false,true,true",
    );
  }, 30_000);

  test("SIGHUP replaces them one after another, and no client notices", async () => {
    await using stage = await Stage.start(2, "--workers", "2", "--log-format", "json");
    const before = childrenOf(stage.balancer.pid);
    const clients = new PersistentClients(stage.url, 50);
    await clients.more(500);
    stage.balancer.signal("SIGHUP");
    await stage.balancer.wrote(/"level":"info","message":"replaced 2 workers","workers":2/);
    await clients.more(500);
    await clients.stop();
    expect(clients.failed).toEqual([]);
    const after = childrenOf(stage.balancer.pid);
    expect(after).toHaveLength(2);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    expect(stage.balancer.stderr).toBe("");
    await agreed(stage.url, "every request of old and new", ({ backends }) => {
      return backends.reduce((sum, { requests }) => sum + requests, 0) === clients.answers;
    });
  }, 20_000);

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`${signal} to all of them at once, as from a terminal, drains every one`, async () => {
      using gate = new Gate();
      const [program, url, pids] = await workersBefore(gate, "--shutdown-timeout", "10m");
      await using balancer = program;
      const answers = await slowOnEach(gate, url);
      for (const pid of pids) process.kill(pid, signal);
      balancer.signal(signal);
      await balancer.wrote(new RegExp(`${signal}: shutting down, \\d+ requests? under way`));
      await refusing(url);
      gate.open();
      expect(await answers()).toEqual(ALL_THROUGH);
      expect(await balancer.exitCode).toBe(0);
      expect(balancer.stdout.trimEnd()).toEndWith("stopped");
      await gone(pids);
    });
  }

  test("what takes too long is cut, counted over all of them and told once", async () => {
    using gate = new Gate();
    const [program, url] = await workersBefore(gate, "--shutdown-timeout", "300ms");
    await using balancer = program;
    const answers = await slowOnEach(gate, url);
    balancer.signal("SIGTERM");
    expect(await balancer.exitCode).toBe(0);
    expect(balancer.stdout.match(/cut .*\n/g)).toEqual(["cut 40 requests that took longer than 300ms\n"]);
    expect(await answers()).toEqual(ALL_CUT);
  });

  test("a second signal ends all of them at once", async () => {
    using gate = new Gate();
    const [program, url, pids] = await workersBefore(gate, "--shutdown-timeout", "10m");
    await using balancer = program;
    const answers = await slowOnEach(gate, url);
    balancer.signal("SIGTERM");
    await balancer.wrote(/shutting down/);
    balancer.signal("SIGINT");
    expect(await balancer.exitCode).toBe(130);
    await gone(pids);
    expect(await answers()).toEqual(ALL_CUT);
  });

  test("if the supervisor is killed, the workers finish what is under way and end", async () => {
    using gate = new Gate();
    const [program, url, pids] = await workersBefore(gate);
    await using balancer = program;
    const answers = await slowOnEach(gate, url);
    balancer.signal("SIGKILL");
    await refusing(url);
    gate.open();
    expect(await answers()).toEqual(ALL_THROUGH);
    await gone(pids);
  });

  test("a port that is taken, be it by others that share it, ends with 1 and one sentence", async () => {
    using gate = new Gate();
    const [program, url] = await workersBefore(gate);
    await using _ = program;
    const { port } = new URL(url);
    const words = ["--backends", gate.origin, "--port", port, "--workers"];
    const stderr = `lb: --port: port ${port} is in use already, expected a free one\n`;
    for (const count of ["1", "2"]) {
      expect(await run([...words, count])).toEqual({ exitCode: 1, stdout: "", stderr });
    }
  });

  test("workers that cannot listen end all with 1 and one sentence", async () => {
    const words = [
      "--backends",
      "http://localhost:1",
      "--port",
      "0",
      "--host",
      "203.0.113.1",
      "--workers",
      "3",
    ];
    const stderr = 'lb: --host: found "203.0.113.1", expected an address of this machine\n';
    expect(await run(words)).toEqual({ exitCode: 1, stdout: "", stderr });
  });

  test("while nothing happens, they cost next to nothing", async () => {
    using gate = new Gate();
    const [program, url, pids] = await workersBefore(gate);
    await using balancer = program;
    await ask(url, request("GET", "/", ["Connection: close"]));
    await agreed(url, "one request", ({ backends }) => backends[0]?.requests === 1);
    const all = [balancer.pid, ...pids];
    const before = cpuMs(all);
    // The time is what is measured here.
    await Bun.sleep(2_000);
    expect(cpuMs(all) - before).toBeLessThan(100);
  });
});

test("one process alone takes SIGHUP for a word, not for its end", async () => {
  using gate = new Gate();
  await using balancer = new Program(["--port", "0", "--backends", gate.origin]);
  const url = await listeningUrl(balancer);
  balancer.signal("SIGHUP");
  await balancer.wrote(/info {2}SIGHUP: there is nothing to reload\n/);
  expect((await fetch(url)).status).toBe(200);
});
