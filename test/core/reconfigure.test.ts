import { expect, test } from "bun:test";
import { BREAKER_DEFAULTS, OUTLIER_DEFAULTS } from "../../src/config/readiness.ts";
import type { Backend } from "../../src/core/backend.ts";
import { Balancer } from "../../src/core/balancer.ts";
import type { BalancerConfig } from "../../src/core/balancer-config.ts";
import type { StateChange } from "../../src/core/health.ts";
import { Outcome } from "../../src/core/outcome.ts";
import { seededRandom } from "../../src/core/random.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

const CONFIG: BalancerConfig = {
  backends: [sampleSpec(0), sampleSpec(1), sampleSpec(2)],
  algorithm: "round-robin",
  health: { rise: 1, fall: 1, checked: true },
  retry: { retries: 2, retryOn: ["connect"] },
};

function setUp(chosen: Partial<BalancerConfig> = {}) {
  const clock = new VirtualClock();
  const changes: StateChange[] = [];
  const balancer = new Balancer({ ...CONFIG, ...chosen }, clock, seededRandom(1), (change) =>
    changes.push(change),
  );
  const pick = () => balancer.pick("", undefined, clock.nowMs()) as Backend;
  const fail = (backend: Backend, times: number) => {
    for (let time = 0; time < times; time++) {
      balancer.begin(backend, clock.nowMs());
      balancer.end(backend, Outcome.reset, "it broke off", clock.nowMs());
    }
  };
  const become = (config: Partial<BalancerConfig>) => balancer.reconfigure({ ...CONFIG, ...config });
  return { balancer, clock, changes, pick, fail, become };
}

test("whose turn it is stays, while the algorithm does", () => {
  const { pick, become } = setUp();
  const order = [pick(), pick(), pick()];
  pick();
  become({ retry: { retries: 0, retryOn: [] } });
  expect(pick()).toBe(order[1] as Backend);
  expect(pick()).toBe(order[2] as Backend);
});

test("another algorithm takes over at once", () => {
  const { balancer, pick, become } = setUp();
  pick();
  become({ algorithm: "first" });
  expect(new Set([pick(), pick(), pick()])).toEqual(new Set([balancer.pool.members[0] as Backend]));
  become({ algorithm: "ip-hash" });
  expect(balancer.keySource).toBe("ip");
});

test("what is known of a backend stays, and exchanges under way end where they began", () => {
  const { balancer, clock, become } = setUp();
  const [first] = balancer.pool.members as [Backend];
  balancer.begin(first, clock.nowMs());
  balancer.answered(first, clock.nowMs() - 20);
  balancer.health.checked(first, false, "GET /health answered 503", clock.nowMs());
  become({
    algorithm: "least-connections",
    slowStart: { windowMs: 1_000, aggression: 1, minWeightPercent: 10 },
  });
  expect(balancer.pool.members[0]).toBe(first);
  expect(first).toMatchObject({ inFlight: 1, requests: 1, ewmaMs: 20, available: false });
  balancer.end(first, Outcome.ok, "");
  expect(balancer.inFlight).toBe(0);
  expect(first.inFlight).toBe(0);
});

test("an ejection lasts as long as it was to, and ends where none are wanted any more", () => {
  const { balancer, clock, changes, fail, become } = setUp({ outlierDetection: OUTLIER_DEFAULTS });
  const [first, second] = balancer.pool.members as [Backend, Backend];
  fail(first, 5);
  expect(first.available).toBe(false);
  become({
    outlierDetection: {
      ...OUTLIER_DEFAULTS,
      ejectionMs: 1,
      consecutiveGatewayFailures: 2,
      maxEjectedPercent: 50,
    },
  });
  clock.advance(29_000);
  expect(first.available).toBe(false);
  clock.advance(1_000);
  expect(first.available).toBe(true);
  fail(second, 2);
  expect(second.available).toBe(false);
  become({ outlierDetection: false });
  expect(second.available).toBe(true);
  expect(changes.at(-1)).toMatchObject({ backend: second, available: true });
  fail(first, 100);
  expect(first.available).toBe(true);
  expect(clock.pending).toBe(0);
});

test("an open circuit closes, and is told, where there is no breaker any more", () => {
  const { balancer, clock, changes, fail, become } = setUp({ circuitBreaker: BREAKER_DEFAULTS });
  const [first] = balancer.pool.members as [Backend];
  fail(first, 20);
  expect(first.available).toBe(false);
  become({ circuitBreaker: BREAKER_DEFAULTS, maxInFlight: 5 });
  expect(first.available).toBe(false);
  expect(first.maxInFlight).toBe(5);
  become({});
  expect(first).toMatchObject({ available: true, circuit: undefined });
  expect(changes.at(-1)).toMatchObject({ backend: first, available: true });
  expect(clock.pending).toBe(0);
});

test("limits come and go", () => {
  const limits = {
    minLimit: 1,
    maxLimit: 9,
    initialLimit: 2,
    tolerance: 2,
    smoothing: 0.2,
    baselineMs: 1_000,
  };
  const { balancer, clock, pick, become } = setUp();
  const fill = () => {
    for (let backend = pick(); backend !== undefined; backend = pick())
      balancer.begin(backend, clock.nowMs());
  };
  become({ adaptiveConcurrency: limits });
  fill();
  expect(balancer.inFlight).toBe(6);
  become({ maxInFlight: 3 });
  fill();
  expect(balancer.inFlight).toBe(9);
  become({});
  expect(pick()).toBeDefined();
});
