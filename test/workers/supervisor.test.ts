import { expect, test } from "bun:test";
import { State } from "../../src/core/backend.ts";
import type { LoadBalancerStatus } from "../../src/load-balancer.ts";
import { refused } from "../simulation/scripted-transport.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { A, setUp } from "./staged-supervisor.ts";

test("the first worker finds a free port, and the others share it", async () => {
  const { workers, supervisor } = setUp(3);
  expect(await supervisor.start()).toEqual([workers.at]);
  const ports = workers.all.map(({ heard: [first] }) => first?.type === "listen" && first.ports);
  expect(ports).toEqual([[0], [8080], [8080]]);
});

test("if a worker cannot listen at the start, none is left and its sentence is told", async () => {
  const { workers, supervisor } = setUp();
  workers.failure = "--host: nowhere";
  await expect(supervisor.start()).rejects.toThrow("--host: nowhere");
  expect(workers.running).toEqual([]);
});

test("a worker that keeps dying is started again after 100 ms, doubling; one that lived gets 100 ms", async () => {
  const { clock, workers, events, supervisor } = setUp();
  await supervisor.start();
  for (const delayMs of [100, 200, 400]) {
    workers.running.find(({ slot }) => slot === 1)?.dies();
    expect(events.pop()).toEqual(["crashed", 1, "SIGKILL", delayMs]);
    await clock.run(delayMs - 1);
    expect(workers.running).toHaveLength(1);
    await clock.run(1);
    expect(events.pop()).toEqual(["restarted", 1]);
  }
  await clock.run(10_000);
  workers.running.at(-1)?.dies();
  expect(events).toEqual([["crashed", 1, "SIGKILL", 100]]);
});

test("one that cannot be started again is tried again, more and more seldom", async () => {
  const { clock, workers, events, supervisor } = setUp();
  await supervisor.start();
  workers.failure = "--port: taken";
  workers.all[0]?.dies();
  await clock.run(700);
  expect(events).toEqual([
    ["crashed", 0, "SIGKILL", 100],
    ["crashed", 0, "--port: taken", 200],
    ["crashed", 0, "--port: taken", 400],
    ["crashed", 0, "--port: taken", 800],
  ]);
  workers.failure = undefined;
  await clock.run(800);
  expect(events.at(-1)).toEqual(["restarted", 0]);
  expect(workers.running).toHaveLength(2);
});

test("the backends are checked once for all, and every worker is told of a change", async () => {
  const { clock, workers, events, supervisor } = setUp();
  await supervisor.start();
  supervisor.check();
  await clock.run(10);
  expect(events).toEqual([[A, true]]);
  const up = {
    type: "found",
    found: {
      pool: "default",
      origin: A,
      state: State.up,
      unreachable: false,
      reason: "GET /health answered 200",
    },
  };
  for (const { heard } of workers.all) expect(heard).toContainEqual(up as (typeof heard)[number]);
});

test("what one worker's traffic found is told once, to all, and checked within a second", async () => {
  const { clock, workers, events, supervisor } = setUp();
  await supervisor.start();
  supervisor.check();
  await clock.run(2_000);
  for (const worker of workers.all)
    worker.says({ type: "unreachable", pool: "default", origin: A, reason: "refused" });
  expect(events).toEqual([
    [A, true],
    [A, false],
  ]);
  const states = (index: number) =>
    workers.all[index]?.heard.flatMap((message) => (message.type === "found" ? [message.found.state] : []));
  expect([states(0), states(1)]).toEqual([
    [State.up, State.down],
    [State.up, State.down],
  ]);
  await clock.run(1_000);
  expect(events.at(-1)).toEqual([A, true]);
});

test("what workers' traffic has ejected is over with the first good check that begins after it", async () => {
  const { clock, workers, supervisor } = setUp();
  await supervisor.start();
  supervisor.check();
  await clock.run(2_000);
  const told = () => workers.all.map(({ heard }) => heard.filter(({ type }) => type === "found").length);
  expect(told()).toEqual([1, 1]);
  workers.all[0]?.says({ type: "ejected", pool: "default", origin: A });
  await clock.run(5_000);
  expect(told()).toEqual([1, 1]);
  await clock.run(30_000);
  expect(told()).toEqual([2, 2]);
  workers.all[0]?.says({ type: "ejected", pool: "default", origin: "http://stranger:1" });
  await clock.run(30_000);
  expect(told()).toEqual([2, 2]);
});

test("panic that the checks lead to is told once, and shown", async () => {
  const origins = [A, "http://b:1", "http://c:1", "http://d:1"];
  const { clock, events, supervisor } = setUp(
    2,
    ({ backend }) => new Response(null, { status: backend.origin === A ? 200 : 500 }),
    origins,
  );
  await supervisor.start();
  expect(supervisor.status().panic).toBe(false);
  supervisor.check();
  await clock.run(60_000);
  expect(events.filter(([kind]) => kind === "panic")).toEqual([["panic", true, 1]]);
  expect(supervisor.status().panic).toBe(true);
});

test("a worker that begins is told what is known", async () => {
  const { clock, workers, supervisor } = setUp(2, () => {
    throw refused();
  });
  await supervisor.start();
  supervisor.check();
  await clock.run(10);
  workers.all[0]?.dies();
  await clock.run(100);
  const first = workers.all[2]?.heard[0];
  expect(first?.type === "listen" && first.found.map(({ state }) => state)).toEqual([State.down]);
});

test("the sums reach every worker at most four times a second, and not at all while nothing changes", async () => {
  const { clock, workers, supervisor } = setUp();
  await supervisor.start();
  await clock.run(1_000);
  for (let requests = 1; requests <= 100; requests++) {
    for (const worker of workers.all) worker.says({ type: "counters", status: counted(requests) });
    await clock.run(10);
  }
  await clock.run(1_000);
  const told = workers.all[0]?.heard.flatMap((message) =>
    message.type === "status" ? [message.status] : [],
  );
  expect(told?.length).toBeWithin(4, 7);
  expect(told?.at(-1)?.backends[0]).toMatchObject({ requests: 200, inFlight: 2 });
  expect(told?.at(-1)).toEqual(supervisor.status());
  const before = workers.all[0]?.heard.length;
  await clock.run(60_000);
  expect(workers.all[0]?.heard.length).toBe(before as number);
});

test("a roll starts each new worker before it ends the old one, passes that over, and undoes it", async () => {
  const { workers, supervisor } = setUp();
  await supervisor.start();
  expect(await supervisor.roll(30_000)).toBe(true);
  expect(workers.running.map(({ slot }) => slot)).toEqual([0, 1]);
  expect(workers.all.map(({ kinds }) => kinds)).toEqual([
    ["listen", "drain"],
    ["listen", "drain"],
    ["listen", "spread"],
    ["listen", "spread"],
  ]);
  const places = workers.all.flatMap(({ heard: [, second] }) =>
    second?.type === "drain" ? [second.place] : [],
  );
  expect(places).toEqual([
    { index: 0, count: 3 },
    { index: 1, count: 3 },
  ]);
});

test("a roll whose new worker cannot listen leaves the old ones alone", async () => {
  const { workers, supervisor } = setUp();
  await supervisor.start();
  workers.failure = "--host: gone";
  await expect(supervisor.roll(1_000)).rejects.toThrow("--host: gone");
  expect(workers.running.map(({ kinds }) => kinds)).toEqual([["listen"], ["listen"]]);
});

test("draining waits for all, adds up what was cut, and starts none again", async () => {
  const { clock, workers, events, supervisor } = setUp(3);
  await supervisor.start();
  expect(await supervisor.drain(1_000)).toBe(3);
  await clock.run(60_000);
  expect([workers.all.length, workers.running.length, events]).toEqual([3, 0, []]);
  expect(supervisor.status().draining).toBe(true);
});

test("a worker that does not end in time is killed", async () => {
  const { clock, workers, supervisor } = setUp();
  await supervisor.start();
  workers.areObedient = false;
  const drained = supervisor.drain(1_000);
  await settled();
  await clock.run(5_999);
  expect(workers.running).toHaveLength(2);
  await clock.run(1);
  expect(await drained).toBe(0);
  expect(workers.running).toEqual([]);
});

function counted(requests: number): LoadBalancerStatus {
  const backend = {
    url: A,
    alive: true,
    state: "up" as const,
    weight: 1,
    tier: 0,
    failures: 0,
    cancelled: 0,
    ejections: 0,
    maxInFlight: 0,
    latencyMs: 1,
  };
  return {
    backends: [{ ...backend, inFlight: 1, requests }],
    draining: false,
    panic: false,
    inFlight: 1,
    waiting: 0,
  };
}

test("a roll that begins when all are to end starts nobody", async () => {
  const { workers, supervisor } = setUp();
  await supervisor.start();
  await supervisor.drain(1_000);
  expect(await supervisor.roll(1_000)).toBe(false);
  expect(workers.all).toHaveLength(2);
});

test("one that has not begun is not waited for when all are to end", async () => {
  const { clock, workers, supervisor } = setUp();
  await supervisor.start();
  workers.areQuick = false;
  workers.all[0]?.dies();
  await clock.run(100);
  await supervisor.drain(60_000);
  expect(workers.running).toEqual([]);
});
