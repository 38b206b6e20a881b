import { expect, test } from "bun:test";
import { ADAPTIVE_CONCURRENCY_DEFAULTS } from "../../src/config/adaptive-concurrency.ts";
import type { Backend } from "../../src/core/backend.ts";
import { setUp } from "./waiting-stage.ts";

test("a limit that rises lets in at once who waits for room, and one that falls lets nobody in", () => {
  const adaptiveConcurrency = { ...ADAPTIVE_CONCURRENCY_DEFAULTS, initialLimit: 60, maxLimit: 1_000 };
  const { balancer, clock, come, take, size } = setUp({ maxInFlight: 0, adaptiveConcurrency });
  const [backend] = balancer.pool.members as [Backend];
  for (let index = 0; index < 60; index++) come(`r${index}`);
  expect(backend.isFull).toBe(true);
  take();
  for (const name of ["a", "b", "c"]) come(name);
  expect(size()).toBe(3);
  let limit = backend.concurrency?.limit ?? 0;
  let waiting = 3;
  let rises = 0;
  for (let round = 0; round < 40 && waiting > 0; round++) {
    const startMs = clock.nowMs();
    clock.advance(100);
    for (let index = 0; index < 60; index++) balancer.answered(backend, startMs);
    const now = backend.concurrency?.limit ?? 0;
    const granted = take().length;
    expect(granted).toBe(Math.min(waiting, Math.max(0, now - (63 - waiting))));
    if (now > limit) rises += 1;
    limit = now;
    waiting -= granted;
    expect(size()).toBe(waiting);
  }
  expect(rises).toBeGreaterThan(0);
  expect(waiting).toBe(0);
  expect(backend.inFlight).toBe(63);
});
