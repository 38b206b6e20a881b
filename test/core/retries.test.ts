import { expect, test } from "bun:test";
import fc from "fast-check";
import { Attempts } from "../../src/core/attempts.ts";
import type { Backend } from "../../src/core/backend.ts";
import { Balancer } from "../../src/core/balancer.ts";
import { Outcome } from "../../src/core/outcome.ts";
import { seededRandom } from "../../src/core/random.ts";
import type { RetryRules } from "../../src/core/retry.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

const RETRY: RetryRules = { retries: 3, retryOn: ["connect", "reset", "503"] };

function setUp(retry: Partial<RetryRules> = {}, backends = 3) {
  const clock = new VirtualClock();
  const config = {
    backends: Array.from({ length: backends }, (_, index) => sampleSpec(index)),
    algorithm: "round-robin",
    health: { rise: 1, fall: 1, checked: true },
    retry: { ...RETRY, ...retry },
  } as const;
  const balancer = new Balancer(config, clock, seededRandom(1), () => {});
  const admitted = () => {
    const attempts = new Attempts(balancer, { timeoutMs: 0, tryTimeoutMs: 0, requestTimeoutMs: 0 });
    attempts.admit("");
    return { attempts, backend: attempts.next() as Backend };
  };
  return { balancer, config, admitted, retries: balancer.retries };
}

const failed = ({ attempts, backend }: { attempts: Attempts; backend: Backend }) =>
  attempts.mayTryAgain(backend, Outcome.reset, true, true);

test("only so many requests are tried again at once, whatever the budget would give", () => {
  const { admitted, retries } = setUp({ maxRetries: 2 });
  const [first, second, third] = [admitted(), admitted(), admitted()];
  expect([failed(first), failed(second), failed(third)]).toEqual([true, true, false]);
  expect(retries.underWay).toBe(2);
  // Those that are among them go on: one request is one, however often it is tried.
  expect([failed(first), retries.underWay]).toEqual([true, 2]);
  expect(first.attempts.mayReplace(first.backend, 503, 0, true, true)).toBe(true);
  first.attempts.over();
  first.attempts.over();
  expect([retries.underWay, failed(third), retries.underWay]).toEqual([1, true, 2]);
});

test("a dropped answer is counted as a failure is", () => {
  const { admitted } = setUp({ maxRetries: 1 });
  const [first, second] = [admitted(), admitted()];
  expect(first.attempts.mayReplace(first.backend, 503, 0, true, true)).toBe(true);
  expect(second.attempts.mayReplace(second.backend, 503, 0, true, true)).toBe(false);
});

test("a second try beside a first is one of them, and one that has nowhere to go is none", () => {
  const { admitted, retries } = setUp({ maxRetries: 1, hedge: { afterMs: 10 } });
  const [first, second] = [admitted(), admitted()];
  expect(first.attempts.hedge(first.backend)).toBeDefined();
  expect(second.attempts.hedge(second.backend)).toBeUndefined();
  expect(failed(second)).toBe(false);
  first.attempts.over();
  expect(retries.underWay).toBe(0);
  const alone = setUp({ maxRetries: 1, hedge: { afterMs: 10 } }, 1);
  const only = alone.admitted();
  expect(only.attempts.hedge(only.backend)).toBeUndefined();
  expect(alone.retries.underWay).toBe(0);
});

test("what is refused for the limit takes nothing out of the budget", () => {
  const { admitted, balancer, config } = setUp({ maxRetries: 1 });
  expect(failed(admitted())).toBe(true);
  for (let count = 0; count < 1_000; count++) expect(failed(admitted())).toBe(false);
  balancer.reconfigure({ ...config, retry: { ...config.retry, maxRetries: 0 } });
  let granted = 0;
  while (failed(admitted())) granted += 1;
  // A fifth of the 1,001 requests above, and of these, but for the one before.
  expect(granted).toBeGreaterThanOrEqual(200);
});

test("without a limit they are counted all the same, so that one can be set while they are under way", () => {
  const { admitted, balancer, config, retries } = setUp();
  const requests = Array.from({ length: 5 }, admitted);
  for (const request of requests) expect(failed(request)).toBe(true);
  expect(retries.underWay).toBe(5);
  balancer.reconfigure({ ...config, retry: { ...config.retry, maxRetries: 3 } });
  const late = admitted();
  for (const { attempts } of requests.slice(0, 3)) {
    expect(failed(late)).toBe(false);
    attempts.over();
  }
  expect(failed(late)).toBe(true);
});

test("there are never more than the limit, and none once every request is over", () => {
  const deed = fc.record({
    who: fc.nat({ max: 5 }),
    what: fc.constantFrom("fail", "drop", "hedge", "over"),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(deed), (maxRetries, deeds) => {
      const { admitted, retries } = setUp({ maxRetries, hedge: { afterMs: 10 } });
      const requests = Array.from({ length: 6 }, admitted);
      for (const { who, what } of deeds) {
        const request = requests[who] as ReturnType<typeof admitted>;
        const { attempts, backend } = request;
        if (what === "fail") failed(request);
        else if (what === "drop") attempts.mayReplace(backend, 503, 0, true, true);
        else if (what === "hedge") attempts.hedge(backend);
        else {
          attempts.over();
          requests[who] = admitted();
        }
        expect(retries.underWay).toBeLessThanOrEqual(maxRetries);
      }
      for (const { attempts } of requests) attempts.over();
      expect(retries.underWay).toBe(0);
    }),
  );
});
