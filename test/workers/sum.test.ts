import { expect, test } from "bun:test";
import type { StateName } from "../../src/core/backend.ts";
import type { BackendStatus } from "../../src/core/backend-status.ts";
import type { LoadBalancerStatus } from "../../src/load-balancer.ts";
import { Sum } from "../../src/workers/sum.ts";

function backend(url: string, counters: Partial<BackendStatus> = {}): BackendStatus {
  const zero = {
    maxInFlight: 0,
    inFlight: 0,
    requests: 0,
    failures: 0,
    cancelled: 0,
    ejections: 0,
    latencyMs: null,
  };
  return { url, alive: true, state: "up", weight: 1, tier: 0, ...zero, ...counters };
}

function status(inFlight: number, ...backends: BackendStatus[]): LoadBalancerStatus {
  return { backends, draining: false, panic: false, inFlight, waiting: 10 * inFlight };
}

const [A, B] = ["http://a:1", "http://b:1"] as const;

test("counters are added up, in the order of the backends, whatever order a worker has", () => {
  const first = status(
    3,
    backend(A, { inFlight: 2, requests: 10, failures: 1 }),
    backend(B, { inFlight: 1 }),
  );
  const second = status(
    4,
    backend(B, { requests: 7 }),
    backend(A, { inFlight: 4, requests: 5, failures: 2 }),
  );
  expect(new Sum().of([backend(A), backend(B)], [first, second], false, false)).toEqual({
    backends: [
      backend(A, { inFlight: 6, requests: 15, failures: 3 }),
      backend(B, { inFlight: 1, requests: 7 }),
    ],
    draining: false,
    panic: false,
    inFlight: 7,
    waiting: 70,
  });
});

test("limits that follow latencies are added up where there are any", () => {
  const both = [status(0, backend(A, { limit: 20 })), status(0, backend(A, { limit: 7 }))];
  expect(new Sum().of([backend(A, { limit: 5 })], both, false, false).backends).toEqual([
    backend(A, { limit: 27 }),
  ]);
  expect(new Sum().of([backend(A)], [status(0, backend(A))], false, false).backends[0]).not.toHaveProperty(
    "limit",
  );
});

test("how a backend is comes from the supervisor, not from the workers", () => {
  const own = backend(A, { alive: false, state: "down" });
  const { backends, draining } = new Sum().of([own], [status(0, backend(A))], true, false);
  expect([backends, draining]).toEqual([[own], true]);
});

test("the latency is the mean by requests, of those who have one", () => {
  const parts = [
    backend(A, { requests: 30, latencyMs: 10 }),
    backend(A, { requests: 10, latencyMs: 20 }),
    backend(A, { requests: 1_000, latencyMs: null }),
  ];
  const { backends } = new Sum().of(
    [backend(A)],
    parts.map((part) => status(0, part)),
    false,
    false,
  );
  expect(backends[0]?.latencyMs).toBe(12.5);
});

test("an ended worker's requests stay in the sums, what it had under way does not", () => {
  const sum = new Sum();
  sum.retire(status(2, backend(A, { inFlight: 2, requests: 10, failures: 1, ejections: 2, latencyMs: 5 })));
  sum.retire(status(0, backend(A, { requests: 1 })));
  expect(sum.of([backend(A)], [status(0, backend(A, { requests: 4 }))], false, false)).toEqual({
    backends: [backend(A, { requests: 15, failures: 1, ejections: 2 })],
    draining: false,
    panic: false,
    inFlight: 0,
    waiting: 0,
  });
});

test("a backend that workers have taken out by themselves shows it, and is alive while one still uses it", () => {
  const of = (own: BackendStatus, ...states: StateName[]) => {
    const parts = states.map((state) => status(0, backend(A, { state, alive: state === "up" })));
    const [summed] = new Sum().of([own], parts, false, false).backends;
    return [summed?.alive, summed?.state];
  };
  expect(of(backend(A), "up", "ejected")).toEqual([true, "ejected"]);
  expect(of(backend(A), "open", "ejected")).toEqual([false, "open"]);
  // A worker may not have heard yet what the supervisor knows.
  expect(of(backend(A), "up", "down")).toEqual([true, "up"]);
  expect(of(backend(A, { alive: false, state: "down" }), "ejected", "up")).toEqual([false, "down"]);
});

test("it is panic if the checks lead to it, or if a worker's traffic did there", () => {
  const inPanic = { ...status(0), panic: true };
  expect(new Sum().of([], [status(0)], false, false).panic).toBe(false);
  expect(new Sum().of([], [status(0)], false, true).panic).toBe(true);
  expect(new Sum().of([], [status(0), inPanic], false, false).panic).toBe(true);
});
