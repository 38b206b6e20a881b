import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Backend, BackendSpec } from "../../src/core/backend.ts";
import { Balancer } from "../../src/core/balancer.ts";
import { Outcome } from "../../src/core/outcome.ts";
import { seededRandom } from "../../src/core/random.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

function balancerOf(backends: readonly BackendSpec[], maxInFlight = 0): Balancer {
  return new Balancer(
    {
      backends,
      algorithm: "round-robin",
      health: { rise: 1, fall: 1, checked: true },
      retry: { retries: 0, retryOn: [] },
      maxInFlight,
    },
    new VirtualClock(),
    seededRandom(1),
    () => {},
  );
}

/** Begins an exchange where the balancer says, and gives its backend. */
function begin(balancer: Balancer, avoid?: readonly Backend[]): Backend | undefined {
  const backend = balancer.pick("", avoid, 0);
  if (backend !== undefined) balancer.begin(backend);
  return backend;
}

test("full backends are passed over, and nothing is given when all are full", () => {
  const balancer = balancerOf([sampleSpec(0), { ...sampleSpec(1), maxInFlight: 1 }, sampleSpec(2)], 3);
  const { members } = balancer.pool;
  const begun = Array.from({ length: 7 }, () => begin(balancer));
  expect(members.map(({ inFlight }) => inFlight)).toEqual([3, 1, 3]);
  expect(begun).not.toContain(undefined);
  expect(begin(balancer)).toBeUndefined();
  balancer.end(members[1] as Backend, Outcome.ok, "");
  expect(begin(balancer)).toBe(members[1] as Backend);
  expect(begin(balancer)).toBeUndefined();
});

test("a full backend is available all the same", () => {
  const balancer = balancerOf([sampleSpec(0)], 1);
  begin(balancer);
  expect(balancer.status()).toMatchObject([{ alive: true, state: "unchecked", maxInFlight: 1, inFlight: 1 }]);
});

test("where all that have room were tried, one of them is tried again", () => {
  const balancer = balancerOf([{ ...sampleSpec(0), maxInFlight: 1 }, sampleSpec(1)]);
  const [full, roomy] = balancer.pool.members as [Backend, Backend];
  balancer.begin(full);
  expect(balancer.pick("", [roomy], 0)).toBe(roomy);
  expect(balancer.pick("", [full, roomy], 0)).toBe(roomy);
});

test("one that goes out while it is full does not come back by having room", () => {
  const balancer = balancerOf([sampleSpec(0), sampleSpec(1), sampleSpec(2)], 1);
  const [a, b, c] = balancer.pool.members as [Backend, Backend, Backend];
  for (const backend of [a, b]) balancer.begin(backend);
  balancer.health.checked(a, false, "", 2_000_000);
  balancer.end(a, Outcome.ok, "");
  for (let count = 0; count < 10; count++) expect(balancer.pick("", [], 0)).toBe(c);
  balancer.begin(c);
  expect(balancer.pick("", undefined, 0)).toBeUndefined();
});

test("where most are full, those with room share what comes", () => {
  const specs = Array.from({ length: 20 }, (_, index) => sampleSpec(index));
  const balancer = balancerOf(specs.map((spec, index) => (index < 17 ? { ...spec, maxInFlight: 1 } : spec)));
  for (let count = 0; count < 17; count++) begin(balancer);
  const counts = new Map<Backend | undefined, number>();
  for (let count = 0; count < 300; count++) {
    const backend = begin(balancer);
    counts.set(backend, (counts.get(backend) ?? 0) + 1);
  }
  expect(new Set(counts.keys())).toEqual(new Set(balancer.pool.members.slice(17)));
  for (const count of counts.values()) expect(count).toBeGreaterThan(60);
});

interface Step {
  readonly kind: "begin" | "end" | "down" | "up" | "limit";
  readonly index: number;
  readonly avoid: number;
}

const SIZE = 6;
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("begin", "begin", "begin", "end", "end", "down", "up", "limit"),
  index: fc.nat({ max: 100 }),
  avoid: fc.nat({ max: 2 ** SIZE - 1 }),
});

test("no limit is ever passed, and whoever has room is found", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: SIZE }),
      fc.array(step, { maxLength: 120 }),
      (limits, steps) => {
        const specs = limits.map((maxInFlight, index) => ({ ...sampleSpec(index), maxInFlight }));
        const balancer = balancerOf(specs);
        const { members } = balancer.pool;
        const open: Backend[] = [];
        for (const { kind, index, avoid } of steps) {
          const member = members[index % members.length] as Backend;
          const before = members.map(({ inFlight }) => inFlight);
          const hasRoom = ({ maxInFlight, inFlight }: Backend) => maxInFlight === 0 || inFlight < maxInFlight;
          const roomy = members.filter((backend) => backend.available && hasRoom(backend));
          if (kind === "begin") {
            const avoided = members.filter((_, bit) => (avoid & (1 << bit)) !== 0);
            const picked = begin(balancer, avoided);
            if (picked !== undefined) open.push(picked);
            expect(picked === undefined).toBe(roomy.length === 0);
            if (picked !== undefined) expect(roomy).toContain(picked);
            const untried = roomy.filter((backend) => !avoided.includes(backend));
            if (untried.length > 0) expect(untried).toContain(picked as Backend);
          } else if (kind === "end") {
            const [ended] = open.splice(index % Math.max(1, open.length), 1);
            if (ended !== undefined) balancer.end(ended, Outcome.ok, "");
          } else if (kind === "limit") {
            const other = specs.map((spec, at) => (at === index % specs.length ? sampleSpec(at) : spec));
            balancer.setBackends(avoid % 2 === 0 ? specs : other);
          } else {
            balancer.health.checked(member, kind === "up", "", 2_000_000);
          }
          for (const [at, backend] of members.entries()) {
            if (backend.inFlight > (before[at] as number) && backend.maxInFlight > 0) {
              expect(backend.inFlight).toBeLessThanOrEqual(backend.maxInFlight);
            }
          }
        }
      },
    ),
  );
});
