import type { Backend } from "./backend.ts";

/** The time in which an old latency loses all but 1/e of its say: Finagle's default for peak EWMA. */
const DECAY_MS = 10_000;

/** Many answers in one millisecond would otherwise leave an average where it is. */
const LEAST_SHARE = 0.001;

/**
 * Takes one latency into a backend's moving averages. Samples weigh by the time since the last one, so that
 * an average forgets at the same pace however many requests come (Finagle, `PeakEwma`).
 *
 * There are two: the plain one is for people, the other is for decisions. That one follows a latency above it at
 * once and one below it as slowly as the plain one, since to send too much to a slow backend costs more than to
 * send too little to a fast one.
 *
 * @param latencyMs Time from sending the request to the head of the answer.
 */
export function observeLatency(backend: Backend, latencyMs: number, nowMs: number): void {
  const share = shareSince(backend.ewmaAtMs, nowMs);
  // Nearly always they were updated together, and the exponential is most of the cost.
  const peakShare = backend.peakAtMs === backend.ewmaAtMs ? share : shareSince(backend.peakAtMs, nowMs);
  if (backend.ewmaMs < 0) backend.ewmaMs = latencyMs;
  else backend.ewmaMs += (latencyMs - backend.ewmaMs) * share;
  backend.ewmaAtMs = nowMs;
  backend.peakMs = Math.max(latencyMs, backend.peakMs + (latencyMs - backend.peakMs) * peakShare);
  backend.peakAtMs = nowMs;
}

/**
 * Takes in that there was no answer for so long: the latency is not known, but it is no less than this.
 *
 * @param waitedMs Time since sending the request.
 */
export function observeSilence(backend: Backend, waitedMs: number, nowMs: number): void {
  backend.peakMs = Math.max(waitedMs, backend.peakMs < 0 ? waitedMs : peakNowMs(backend, nowMs));
  backend.peakAtMs = nowMs;
}

/**
 * The peak average as it is now, in milliseconds: it falls while nothing is heard, so that a backend which was
 * slow once is tried again. Only for a backend whose latency is known.
 */
export function peakNowMs(backend: Backend, nowMs: number): number {
  return backend.peakMs * Math.exp((backend.peakAtMs - nowMs) / DECAY_MS);
}

function shareSince(atMs: number, nowMs: number): number {
  return Math.max(1 - Math.exp((atMs - nowMs) / DECAY_MS), LEAST_SHARE);
}
