import { expect, test } from "bun:test";
import type { Listener } from "../../src/adapters/adapter.ts";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { State } from "../../src/core/backend.ts";
import type { Algorithm } from "../../src/core/picking/index.ts";
import type { LoadBalancerStatus } from "../../src/load-balancer.ts";
import type { Handler } from "../../src/proxy/client.ts";
import type { FromWorker, Line, ToWorker } from "../../src/workers/messages.ts";
import { work } from "../../src/workers/worker.ts";
import { refused, type Script, ScriptedTransport } from "../simulation/scripted-transport.ts";
import { settled, VirtualClock } from "../simulation/virtual-clock.ts";

/** All refuse. */
const ORIGINS = ["http://a:1", "http://b:1"] as const;
const LISTENER: Listener = { url: "http://localhost:80", port: 80, close: async () => {} };
const TOTAL: LoadBalancerStatus = { backends: [], draining: false, panic: false, inFlight: 42, waiting: 0 };
const LISTEN: ToWorker = { type: "listen", ports: [80], found: [], status: TOTAL };
const CLIENT = { address: "", port: 0, tls: false, protocol: "1.1" } as const;

function refuse(): never {
  throw refused();
}

function setUp(slot = 0, algorithm: Algorithm = "round-robin", script: Script = refuse) {
  const clock = new VirtualClock();
  const said: FromWorker[] = [];
  const failed: string[] = [];
  const faults: string[] = [];
  const changes: (readonly string[])[] = [];
  let hear: (message: ToWorker) => void = () => {};
  let gone = () => {};
  let handler: Handler | undefined;
  let reload = async (): Promise<LoadBalancerConfig> => ({ backends: ORIGINS, algorithm });
  const line: Line = {
    send: (message) => said.push(message),
    onMessage: (fn) => {
      hear = fn;
    },
    onGone: (fn) => {
      gone = fn;
    },
  };
  const ended = work(line, {
    slot,
    config: { backends: ORIGINS, algorithm },
    reload: () => reload(),
    graceMs: 1_000,
    clock,
    transport: new ScriptedTransport(script),
    onTryFailed: ({ backend }) => failed.push(backend),
    faults: {
      onPickerFault: (reason) => faults.push(reason),
      onMiddlewareFault: (route, middleware) => faults.push(`${route} ${middleware}`),
      onWarning: (reason) => faults.push(reason),
    },
    onStateChange: ({ backend, state }) => changes.push([backend.origin, state]),
    async listen(service) {
      handler = service.fetch;
      return [LISTENER];
    },
    async close() {
      return 7;
    },
  });
  const get = async (path: string) => {
    if (handler === undefined) throw new Error("it does not listen");
    return handler(new Request(`http://lb${path}`), CLIENT);
  };
  return {
    clock,
    said,
    failed,
    faults,
    changes,
    ended,
    get,
    reloads: (next: () => Promise<LoadBalancerConfig>) => {
      reload = next;
    },
    hear: (message: ToWorker) => hear(message),
    gone: () => gone(),
  };
}

test("it listens when it is told to, and answers the status of all", async () => {
  const { said, get, hear } = setUp();
  expect(said).toEqual([{ type: "ready" }]);
  hear(LISTEN);
  await settled();
  expect(said[1]).toEqual({ type: "listening", at: [{ url: LISTENER.url, port: 80 }] });
  expect(await (await get("/lb-status")).json()).toEqual({ ...TOTAL });
  hear({ type: "status", status: { ...TOTAL, inFlight: 43 } });
  expect(await (await get("/lb-status")).json()).toMatchObject({ inFlight: 43 });
});

test("it believes what it is told of the backends", async () => {
  const { failed, get, hear } = setUp();
  hear({
    ...LISTEN,
    found: ORIGINS.map((origin) => ({
      pool: "default",
      origin,
      state: State.down,
      unreachable: false,
      reason: "said so",
    })),
  });
  await settled();
  expect((await get("/")).status).toBe(503);
  expect(failed).toEqual([]);
});

test("it tells at once of a backend that it cannot reach, and asks it no more until told otherwise", async () => {
  const { said, failed, get, hear } = setUp();
  hear(LISTEN);
  await settled();
  expect((await get("/")).status).toBe(503);
  expect(failed).toEqual([...ORIGINS]);
  const told = said.flatMap((message) => (message.type === "unreachable" ? [message.origin] : []));
  expect(told).toEqual([...ORIGINS]);
  hear({
    type: "found",
    found: { pool: "default", origin: ORIGINS[1], state: State.up, unreachable: false, reason: "said so" },
  });
  expect((await get("/")).status).toBe(503);
  expect(failed).toEqual([...ORIGINS, ORIGINS[1]]);
});

test("each worker begins with another backend", async () => {
  const { failed, get, hear } = setUp(1);
  hear(LISTEN);
  await settled();
  await get("/");
  expect(failed).toEqual([ORIGINS[1], ORIGINS[0]]);
});

test("each worker begins with the same one where their order is what the user means", async () => {
  const { failed, get, hear } = setUp(1, "first");
  hear(LISTEN);
  await settled();
  await get("/");
  expect(failed).toEqual([...ORIGINS]);
});

test("it tells of its counters when they have changed, and sets no timer while they do not", async () => {
  const { clock, said, get, hear } = setUp();
  hear(LISTEN);
  await settled();
  expect(clock.pending).toBe(0);
  await get("/");
  await clock.run(20);
  expect(said.at(-1)).toMatchObject({ type: "counters", status: { inFlight: 0 } });
  await clock.run(1_000);
  expect(clock.pending).toBe(0);
  const before = said.length;
  await get("/lb-status");
  await clock.run(1_000);
  expect(said.length).toBe(before);
});

test("it says that it drains only if all do", async () => {
  const { clock, said, ended, get, hear } = setUp();
  hear(LISTEN);
  await settled();
  hear({ type: "drain", graceMs: 1_000, isShutdown: false });
  await settled();
  const answer = await get("/lb-status");
  expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"]);
  hear({ type: "drain", graceMs: 1_000, isShutdown: true });
  expect((await get("/lb-status")).status).toBe(503);
  await clock.run(1_000);
  await ended;
  expect(said.at(-1)).toEqual({ type: "drained", cut: 7 });
});

test("it ends when its supervisor is gone, or when it was never told to listen", async () => {
  const listening = setUp();
  listening.hear(LISTEN);
  await settled();
  listening.gone();
  await listening.ended;
  const idle = setUp();
  idle.hear({ type: "drain", graceMs: 1_000, isShutdown: true });
  await idle.ended;
  expect(idle.said.at(-1)).toEqual({ type: "drained", cut: 0 });
});

test("what its traffic has ejected it takes back when it is told that a check went well", async () => {
  const { said, changes, get, hear } = setUp(0, "round-robin", ({ backend }) => {
    return new Response(null, { status: backend.origin === ORIGINS[0] ? 503 : 200 });
  });
  hear(LISTEN);
  await settled();
  for (let count = 0; count < 10; count++) await get("/");
  expect(said).toContainEqual({ type: "ejected", pool: "default", origin: ORIGINS[0] });
  const up = {
    pool: "default",
    origin: ORIGINS[0],
    state: State.up,
    unreachable: false,
    reason: "GET / answered 200",
  };
  hear({ type: "found", found: up });
  expect(changes).toEqual([
    [ORIGINS[0], "ejected"],
    [ORIGINS[0], "up"],
  ]);
});

test("what its traffic alone decides it tells its log, not the supervisor, who is told of it with the counters", async () => {
  const { clock, said, changes, get, hear } = setUp(0, "round-robin", ({ backend }) => {
    return new Response(null, { status: backend.origin === ORIGINS[0] ? 503 : 200 });
  });
  hear(LISTEN);
  await settled();
  for (let count = 0; count < 10; count++) await get("/");
  expect(changes).toEqual([[ORIGINS[0], "ejected"]]);
  await clock.run(1_000);
  expect(said.map(({ type }) => type)).not.toContain("unreachable");
  const last = said.findLast((message) => message.type === "counters");
  expect(last?.type === "counters" && last.status.backends[0]).toMatchObject({
    state: "ejected",
    ejections: 1,
  });
  await clock.run(30_000);
  expect(changes).toEqual([
    [ORIGINS[0], "ejected"],
    [ORIGINS[0], "unchecked"],
  ]);
});

test("it goes by another config when it is told to, and by the one before if that is wrong", async () => {
  const { failed, said, get, hear, reloads } = setUp();
  hear(LISTEN);
  await settled();
  reloads(async () => ({ backends: ["http://new:1"], retries: 0 }));
  hear({ type: "reload", id: 7 });
  await settled();
  expect(said).toContainEqual({ type: "reloaded", id: 7 });
  await get("/");
  expect(failed).toEqual(["http://new:1"]);
  reloads(async () => ({ backends: [] }));
  hear({ type: "reload", id: 8 });
  await settled();
  reloads(() => Promise.reject(new Error("lb.yaml: it is gone")));
  hear({ type: "reload", id: 9 });
  await settled();
  const problems = said.flatMap((message) => (message.type === "reloaded" ? [message.problem ?? ""] : []));
  expect(problems.map((problem) => problem.slice(0, 19))).toEqual([
    "",
    "backends: found non",
    "lb.yaml: it is gone",
  ]);
});

test("of two reloads the later one counts, however long the earlier one takes to read", async () => {
  const { failed, said, get, hear, reloads } = setUp();
  hear(LISTEN);
  await settled();
  const slow = Promise.withResolvers<LoadBalancerConfig>();
  reloads(() => slow.promise);
  hear({ type: "reload", id: 1 });
  reloads(async () => ({ backends: ["http://newer:1"], retries: 0 }));
  hear({ type: "reload", id: 2 });
  await settled();
  slow.resolve({ backends: ["http://older:1"], retries: 0 });
  await settled();
  await get("/");
  expect(failed).toEqual(["http://newer:1"]);
  expect(said.filter(({ type }) => type === "reloaded")).toEqual([
    { type: "reloaded", id: 2 },
    { type: "reloaded", id: 1, problem: "it was asked to read the config again meanwhile" },
  ]);
});

test("what goes wrong in functions of the user's it tells its log", async () => {
  const { faults, get, hear, reloads } = setUp();
  hear(LISTEN);
  await settled();
  const broken = () => {
    throw new Error("boom");
  };
  reloads(async () => ({ backends: ORIGINS, middleware: [broken] }));
  hear({ type: "reload", id: 1 });
  await settled();
  expect((await get("/")).status).toBe(500);
  expect(faults).toEqual(["* broken"]);
});
