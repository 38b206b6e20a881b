import type { Intake } from "./intake.ts";
import type { FrontSettings } from "./settings.ts";

/** What a connection is doing, which decides what it may not take too long for. */
export const Phase = {
  /** A TLS handshake is under way. */
  opening: 0,
  /** It waits for the first byte of a request. */
  idle: 1,
  /** A request's head is coming. */
  head: 2,
  /** A request is being answered. */
  busy: 3,
  /** It is another protocol's. */
  switched: 4,
  /** It was shut down, and what still comes is thrown away (RFC 9112 §9.6). */
  lingering: 5,
  /** It was closed, and what was written may still be on its way. */
  closing: 6,
  /** There is no connection any more. */
  gone: 7,
} as const;

/** One of the numbers in the table of the same name. */
export type Phase = (typeof Phase)[keyof typeof Phase];

/** How long a client that was told that it is over may still send, in milliseconds. */
export const LINGER_MS = 2_000;

/**
 * How long an answer may make no progress after its client said that it sends nothing more, in milliseconds.
 * It may have left, or wait for the answer with half of the connection closed: nobody can tell before it is
 * written to.
 */
export const HALF_CLOSED_MS = 750;

/** The longest time that the clock is not looked at, in milliseconds. */
export const LOOK_MS = 5_000;

/** What of a connection decides how long nothing may happen on it. */
export interface Waiting {
  readonly phase: Phase;
  /** Whether the client does not take what was written. */
  readonly isFull: boolean;
  /** Whether it has carried a request before. */
  readonly isReused: boolean;
  /** Whether the client sends nothing more. */
  readonly hasEnded: boolean;
  /** Whether more of the request's body is to come, and wanted. */
  readonly awaitsUpload: boolean;
  readonly intake: Intake;
  /** Whether the client was told that nothing more is sent, on a connection that is another protocol's. */
  readonly isShut: boolean;
}

/** How long nothing may happen on a connection, in milliseconds; infinite where a backend is waited for. */
export function patienceMs(waiting: Waiting, settings: FrontSettings): number {
  if (waiting.isFull) return settings.writeTimeoutMs;
  switch (waiting.phase) {
    case Phase.lingering:
      return LINGER_MS;
    case Phase.closing:
      return settings.writeTimeoutMs;
    case Phase.idle:
      return waiting.isReused ? settings.keepAliveMs : settings.headTimeoutMs;
    case Phase.opening:
    case Phase.head:
      return settings.headTimeoutMs;
    case Phase.busy:
      if (waiting.awaitsUpload) return settings.bodyTimeoutMs;
      return waiting.hasEnded ? HALF_CLOSED_MS : Number.POSITIVE_INFINITY;
    case Phase.switched:
      if (waiting.intake.isUploadPaused) return settings.writeTimeoutMs;
      // It may be silent as long as it likes while both sides are there.
      return waiting.isShut && !waiting.hasEnded ? settings.bodyTimeoutMs : Number.POSITIVE_INFINITY;
    default:
      return Number.POSITIVE_INFINITY;
  }
}
