import type { Backend } from "./backend.ts";

/** The time in which an old latency loses all but 1/e of its say: Finagle's default for peak EWMA. */
const DECAY_MS = 10_000;

/**
 * Takes one latency into a backend's moving average. Samples weigh by the time since the last one, so
 * that the average forgets at the same pace however many requests come (Finagle, `PeakEwma`).
 *
 * @param latencyMs Time from sending the request to the head of the answer.
 */
export function observeLatency(backend: Backend, latencyMs: number, nowMs: number): void {
  if (backend.ewmaMs < 0) {
    backend.ewmaMs = latencyMs;
  } else {
    const keep = Math.exp((backend.ewmaAtMs - nowMs) / DECAY_MS);
    // Many answers in one millisecond would otherwise leave the average where it is.
    const share = Math.max(1 - keep, 0.001);
    backend.ewmaMs += (latencyMs - backend.ewmaMs) * share;
  }
  backend.ewmaAtMs = nowMs;
}
