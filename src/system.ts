import type { Cancel, Clock } from "./core/clock.ts";
import type { Random } from "./core/random.ts";

/**
 * The real time and the real chance: the only place that uses the runtime's timers and its random
 * numbers. Everything else is handed these.
 */

/** The runtime's monotonic clock. Its timers never keep a process from ending by themselves. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, fn) {
    const timer: unknown = setTimeout(fn, delayMs);
    unref(timer);
    return () => clearTimeout(timer as number);
  },
};

/** The runtime's generator. Not for secrets. */
export const systemRandom: Random = {
  below: (n) => Math.floor(Math.random() * n),
};

/** Keeps the process from ending for want of anything to wait for, until it is called off. */
export function stayAlive(): Cancel {
  const timer = setInterval(() => {}, 0x7fff_ffff);
  return () => clearInterval(timer);
}

/** Node and Bun have `unref` on the timer, Deno beside it, browsers and workers nowhere. */
function unref(timer: unknown): void {
  if (typeof timer === "number") {
    (globalThis as { Deno?: { unrefTimer?: (id: number) => void } }).Deno?.unrefTimer?.(timer);
  } else {
    (timer as { unref?: () => void }).unref?.();
  }
}

/** The time of day as HTTP writes it (RFC 9110 §5.6.7). */
export function httpDate(): string {
  return new Date().toUTCString();
}
