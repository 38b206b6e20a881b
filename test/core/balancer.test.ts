import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Backend } from "../../src/core/backend.ts";
import { Balancer } from "../../src/core/balancer.ts";
import type { BalancerConfig } from "../../src/core/balancer-config.ts";
import type { StateChange } from "../../src/core/health.ts";
import { Outcome } from "../../src/core/outcome.ts";
import { seededRandom } from "../../src/core/random.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

interface SetUp {
  readonly backends?: number;
  readonly checked?: boolean;
  readonly retries?: number;
  readonly algorithm?: BalancerConfig["algorithm"];
}

function setUp({ backends = 3, checked = true, retries = 2, algorithm = "round-robin" }: SetUp = {}) {
  const clock = new VirtualClock();
  const changes: StateChange[] = [];
  const balancer = new Balancer(
    {
      backends: Array.from({ length: backends }, (_, index) => sampleSpec(index)),
      algorithm,
      health: { rise: 1, fall: 1, checked },
      retry: { retries, retryOn: ["connect", "reset"] },
    },
    clock,
    seededRandom(1),
    (change) => changes.push(change),
  );
  return { clock, changes, balancer, members: balancer.pool.members };
}

function pick(balancer: Balancer, avoid?: readonly Backend[]): Backend {
  const backend = balancer.pick("", avoid, 0);
  if (backend === undefined) throw new Error("no backend");
  return backend;
}

test("gives another backend than those to avoid, while there is one", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.nat({ max: 255 }),
      fc.nat({ max: 20 }),
      (backends, avoidMask, picksBefore) => {
        const { balancer, members } = setUp({ backends });
        for (let count = 0; count < picksBefore; count++) pick(balancer);
        const avoid = members.filter((_, index) => (avoidMask & (1 << index)) !== 0);
        const picked = pick(balancer, avoid);
        expect(members).toContain(picked);
        expect(avoid.includes(picked)).toBe(avoid.length === members.length);
      },
    ),
  );
});

test("gives nothing when every backend is out, and tells of each once", () => {
  const { balancer, members, changes } = setUp();
  for (const backend of members) {
    balancer.begin(backend);
    balancer.end(backend, Outcome.connectFailed, "connection refused");
  }
  expect(balancer.pick("", undefined, 0)).toBeUndefined();
  expect(changes.map(({ backend, available }) => [backend.id, available])).toEqual(
    members.map(({ id }) => [id, false]),
  );
});

test("begin and end pair: in-flight is what has begun and not ended", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.constantFrom(...Object.values(Outcome)))), (steps) => {
      const { balancer, members } = setUp();
      const open: Backend[] = [];
      for (const [index, [isBegin, outcome]] of steps.entries()) {
        if (isBegin) {
          const backend = members[index % members.length] as Backend;
          balancer.begin(backend);
          open.push(backend);
        } else {
          const backend = open.shift();
          if (backend !== undefined) balancer.end(backend, outcome, "");
        }
        expect(balancer.inFlight).toBe(open.length);
      }
      for (const backend of open) balancer.end(backend, Outcome.ok, "");
      expect(members.map((backend) => backend.inFlight)).toEqual([0, 0, 0]);
    }),
  );
});

test("a backend that was taken out of the pool still counts until its exchanges end", () => {
  const { balancer } = setUp({ backends: 1 });
  const backend = pick(balancer);
  balancer.begin(backend);
  balancer.setBackends([sampleSpec(9)]);
  expect(balancer.inFlight).toBe(1);
  balancer.end(backend, Outcome.ok, "");
  expect(balancer.inFlight).toBe(0);
});

test.each([true, false])(
  "checked %p: a late failure of a removed backend is nobody's business",
  (checked) => {
    const { balancer, changes, clock } = setUp({ backends: 1, checked });
    const backend = pick(balancer);
    balancer.begin(backend);
    balancer.setBackends([sampleSpec(9)]);
    balancer.end(backend, Outcome.connectFailed, "connection refused");
    expect(changes).toEqual([]);
    expect(clock.pending).toBe(0);
  },
);

test("removing an ejected backend leaves no timer", () => {
  const { balancer, clock } = setUp({ backends: 1, checked: false });
  const backend = pick(balancer);
  balancer.begin(backend);
  balancer.end(backend, Outcome.connectFailed, "connection refused");
  expect(clock.pending).toBe(1);
  balancer.setBackends([sampleSpec(9)]);
  expect(clock.pending).toBe(0);
});

test("counts as failures what the backend did, not what the client did", () => {
  const failures = new Set<Outcome>([
    Outcome.serverError,
    Outcome.gatewayError,
    Outcome.connectFailed,
    Outcome.reset,
    Outcome.timedOut,
    Outcome.malformed,
    Outcome.bodyBroken,
  ]);
  for (const outcome of Object.values(Outcome)) {
    const { balancer, members } = setUp({ backends: 1 });
    const backend = members[0] as Backend;
    balancer.begin(backend);
    balancer.end(backend, outcome, "");
    expect([outcome, backend.requests, backend.failures]).toEqual([
      outcome,
      1,
      failures.has(outcome) ? 1 : 0,
    ]);
  }
});

test("only a refused connection takes a backend out", () => {
  for (const outcome of Object.values(Outcome)) {
    const { balancer, members } = setUp({ backends: 1 });
    const backend = members[0] as Backend;
    balancer.begin(backend);
    balancer.end(backend, outcome, "");
    expect([outcome, backend.available]).toEqual([outcome, outcome !== Outcome.connectFailed]);
  }
});

test("another try needs a replayable body, a try left, a cause, and budget, and takes budget only then", () => {
  const { balancer, clock } = setUp({ retries: 2 });
  expect(balancer.mayRetry(2, Outcome.connectFailed, true, true, 0)).toBe(false);
  expect(balancer.mayRetry(0, Outcome.connectFailed, true, false, 0)).toBe(false);
  expect(balancer.mayRetry(0, Outcome.reset, false, true, 0)).toBe(false);
  expect(balancer.mayRetry(0, Outcome.timedOut, true, true, 0)).toBe(false);
  let granted = 0;
  while (balancer.mayRetry(1, Outcome.connectFailed, false, true, clock.nowMs())) granted += 1;
  expect(granted).toBe(100);
});

test("a thousand requests admitted pay for two hundred retries", () => {
  const { balancer, clock } = setUp();
  for (let count = 0; count < 1_000; count++) balancer.admit();
  let granted = 0;
  while (balancer.mayRetry(0, Outcome.reset, true, true, clock.nowMs())) granted += 1;
  expect(granted).toBe(200);
});

test("latency is the time from begin to the answer's head", () => {
  const { balancer, clock, members } = setUp();
  const backend = members[0] as Backend;
  const startMs = clock.nowMs();
  balancer.begin(backend);
  clock.advance(42);
  balancer.answered(backend, startMs);
  expect(balancer.status()[0]?.latencyMs).toBe(42);
  expect(balancer.status()[1]?.latencyMs).toBeNull();
});

test("no answer in time makes a backend slow for the picker, and nothing else of its latency", () => {
  const { balancer, clock, members } = setUp();
  const backend = members[0] as Backend;
  const startMs = clock.nowMs();
  clock.advance(2_000);
  balancer.unanswered(backend, startMs);
  expect(backend.peakMs).toBe(2_000);
  expect(balancer.status()[0]?.latencyMs).toBeNull();
});

test("a picker is told of every begin and end, after the count has changed", () => {
  const told: string[] = [];
  const algorithm: BalancerConfig["algorithm"] = () => ({
    keySource: "ip",
    rebuild() {},
    pick: (key, nowMs, avoid) => {
      told.push(`pick ${key} ${nowMs} ${avoid.length}`);
      return members[1] as Backend;
    },
    begun: ({ id, inFlight }) => told.push(`begun ${id} ${inFlight}`),
    ended: ({ id, inFlight }) => told.push(`ended ${id} ${inFlight}`),
  });
  const { balancer, members } = setUp({ algorithm });
  const [first, second] = members as [Backend, Backend];
  expect(balancer.keySource).toBe("ip");
  expect(balancer.pick("key", [first], 7)).toBe(second);
  balancer.begin(second);
  balancer.begin(second);
  balancer.end(second, Outcome.reset, "");
  balancer.setBackends([sampleSpec(9)]);
  balancer.end(second, Outcome.ok, "");
  const { id } = second;
  expect(told).toEqual(["pick key 7 1", `begun ${id} 1`, `begun ${id} 2`, `ended ${id} 1`, `ended ${id} 0`]);
});

test("the status names url and alive first", () => {
  const { balancer, members } = setUp({ backends: 1 });
  const backend = members[0] as Backend;
  balancer.begin(backend);
  balancer.end(backend, Outcome.connectFailed, "connection refused");
  const [status] = balancer.status();
  expect(Object.keys(status ?? {}).slice(0, 2)).toEqual(["url", "alive"]);
  expect(status).toEqual({
    url: backend.origin,
    alive: false,
    state: "down",
    weight: 1,
    tier: 0,
    maxInFlight: 0,
    inFlight: 0,
    requests: 1,
    failures: 1,
    cancelled: 0,
    ejections: 0,
    latencyMs: null,
  });
});
