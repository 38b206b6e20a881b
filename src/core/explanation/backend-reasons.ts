import { type Backend, Exclusion, State } from "../backend.ts";

/** The most exchanges that a backend may have under way, as things are; 0 is no limit. */
export function limitOf({ concurrency, maxInFlight }: Backend): number {
  if (concurrency === undefined) return maxInFlight;
  return maxInFlight === 0 ? concurrency.limit : Math.min(concurrency.limit, maxInFlight);
}

/**
 * Why a backend is given no requests: all reasons, with how long each has held or will.
 *
 * @returns Undefined if it is available.
 */
export function whyOut(backend: Backend, nowMs: number): string | undefined {
  const reasons = [
    whyDraining(backend),
    whyDown(backend, nowMs),
    whyOpen(backend, nowMs),
    whyEjected(backend, nowMs),
  ].filter((reason) => reason !== undefined);
  return reasons.length === 0 ? undefined : reasons.join("; ");
}

function whyDraining(backend: Backend): string | undefined {
  if (!backend.isExcluded(Exclusion.draining)) return undefined;
  return `draining: it finishes the ${backend.inFlight} under way`;
}

function whyDown(backend: Backend, nowMs: number): string | undefined {
  const isUnreachable = backend.isExcluded(Exclusion.unreachable);
  if (backend.state !== State.down && !isUnreachable) return undefined;
  const { outReason, outUntilMs, stateSinceMs } = backend;
  return outUntilMs === Number.POSITIVE_INFINITY
    ? `down for ${secondsText(nowMs - stateSinceMs)}: ${outReason}`
    : `unreachable, tried again in ${secondsText(outUntilMs - nowMs)}: ${outReason}`;
}

function whyOpen({ circuit, excluded }: Backend, nowMs: number): string | undefined {
  if (circuit === undefined || (excluded & Exclusion.open) === 0) return undefined;
  return `its circuit is open for ${secondsText(circuit.openUntilMs - nowMs)} more: ${circuit.openReason}`;
}

function whyEjected(backend: Backend, nowMs: number): string | undefined {
  if (!backend.isExcluded(Exclusion.ejected)) return undefined;
  return `ejected for ${secondsText(backend.ejectedUntilMs - nowMs)} more: ${backend.ejectionReason}`;
}

/** Why a backend has no room. Only for one that is full. */
export function whyFull(backend: Backend): string {
  const { inFlight, circuit, concurrency, maxInFlight } = backend;
  if (circuit?.isSpent === true) return "its circuit is half-open, and all probes are under way";
  const isByLatency = concurrency !== undefined && (maxInFlight === 0 || concurrency.limit < maxInFlight);
  return `full: ${inFlight} under way of ${limitOf(backend)}${isByLatency ? " that its latency allows" : ""}`;
}

/** A duration that may be over by a hair, as timers are late. */
function secondsText(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
}
