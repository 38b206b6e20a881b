import { expect, test } from "bun:test";
import type { BackendStatus } from "../../src/core/backend-status.ts";
import type { LoadBalancerStatus } from "../../src/load-balancer.ts";
import { Sum } from "../../src/workers/sum.ts";

function backend(url: string, counters: Partial<BackendStatus> = {}): BackendStatus {
  const zero = { maxInFlight: 0, inFlight: 0, requests: 0, failures: 0, ejections: 0, latencyMs: null };
  return { url, alive: true, state: "up", weight: 1, tier: 0, ...zero, ...counters };
}

function status(inFlight: number, ...backends: BackendStatus[]): LoadBalancerStatus {
  return { backends, draining: false, inFlight };
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
  expect(new Sum().of([backend(A), backend(B)], [first, second], false)).toEqual({
    backends: [
      backend(A, { inFlight: 6, requests: 15, failures: 3 }),
      backend(B, { inFlight: 1, requests: 7 }),
    ],
    draining: false,
    inFlight: 7,
  });
});

test("how a backend is comes from the supervisor, not from the workers", () => {
  const own = backend(A, { alive: false, state: "down" });
  const { backends, draining } = new Sum().of([own], [status(0, backend(A))], true);
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
  );
  expect(backends[0]?.latencyMs).toBe(12.5);
});

test("an ended worker's requests stay in the sums, what it had under way does not", () => {
  const sum = new Sum();
  sum.retire(status(2, backend(A, { inFlight: 2, requests: 10, failures: 1, latencyMs: 5 })));
  sum.retire(status(0, backend(A, { requests: 1 })));
  expect(sum.of([backend(A)], [status(0, backend(A, { requests: 4 }))], false)).toEqual({
    backends: [backend(A, { requests: 15, failures: 1 })],
    draining: false,
    inFlight: 0,
  });
});
