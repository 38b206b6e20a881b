import { type Circuit, CircuitState } from "./circuit.ts";
import type { ConcurrencyLimit } from "./concurrency-limit.ts";

/** What a user says of a backend. */
export interface BackendSpec {
  /**
   * Scheme, host and port, without a trailing slash: `http://10.0.0.7:8081`. Or a Unix socket's absolute path:
   * `unix:/run/app.sock`. Identifies the backend in its pool.
   */
  readonly origin: string;
  /** Share of the traffic relative to the others of its tier. A whole number from 1 to 1000. Default 1. */
  readonly weight: number;
  /** 0 is the first choice; what the next one gets, and when, is up to `TierRules`. Default 0. */
  readonly tier: number;
  /** The most exchanges under way at once; 0 is no limit. Default: what the pool has. */
  readonly maxInFlight?: number;
  /** Whether it is to get no new requests, and finish those it has. Default false. */
  readonly drain?: boolean;
  /** Good checks in a row that bring it back. Default: what `HealthRules` say. */
  readonly rise?: number;
  /** Failed checks in a row that take it out. Default: what `HealthRules` say. */
  readonly fall?: number;
}

/** By what a server is known in TLS, where that differs from what the transport goes by with all. */
export interface TlsIdentity {
  /** The name that is asked for (SNI, RFC 6066 §3) and that its certificate must be for. */
  readonly serverName?: string;
  /** False believes any certificate. */
  readonly verify?: boolean;
}

/** How the origin of a backend behind a Unix socket begins; the socket's path follows. */
export const UNIX_SCHEME = "unix:";

/** The path of the Unix socket that an origin names. "" if it names a host. */
export function socketPathOf(origin: string): string {
  return origin.startsWith(UNIX_SCHEME) ? origin.slice(UNIX_SCHEME.length) : "";
}

/** What a backend's availability can be. */
export const State = {
  /** Not checked yet. Counts as available, so that a start does not refuse traffic. */
  unchecked: 0,
  /** Its last checks were good. */
  up: 1,
  /** Its last checks failed, or live traffic could not connect to it. Gets no requests. */
  down: 2,
} as const;

/** One of the numbers in the table of the same name. */
export type State = (typeof State)[keyof typeof State];

/** Why a backend gets no requests, whatever its checks say: bits, since there may be several reasons at once. */
export const Exclusion = {
  /** Nothing could connect to it, be it live traffic or a check. */
  unreachable: 1,
  /** It failed where others do not (see `Ejection`). */
  ejected: 2,
  /** Its circuit is open (see `Breaker`). */
  open: 4,
  /** It is being drained: somebody wants it to finish what it has, and to get nothing new. */
  draining: 8,
} as const;

/** One of the bits in the table of the same name. */
export type Exclusion = (typeof Exclusion)[keyof typeof Exclusion];

/** A backend's availability in one word, for logs and for the status endpoint. */
export type StateName = "unchecked" | "up" | "down" | "ejected" | "open" | "half-open" | "draining";

/**
 * One origin that requests can be sent to: its identity, and the counters of what happens to it.
 *
 * All fields are set in the constructor and keep their kind, so that every backend has one shape and
 * the engine keeps the numbers unboxed. A backend lives as long as it is a member of its pool.
 */
export class Backend {
  /** The origin: what the backend is called in logs and in the status. */
  readonly id: string;
  readonly origin: string;
  /** Host and port as a `Host` header would name it; `localhost` for a Unix socket, which has neither. */
  readonly host: string;
  /** The path of its Unix socket. "" for one that is reached by TCP. */
  readonly socketPath: string;
  /** What is different in its TLS. Undefined for nothing. */
  readonly tls: TlsIdentity | undefined;
  /** The weight that pickers go by; differs from its own only in a slow start. */
  weight: number;
  /** The weight that was configured. */
  ownWeight: number;
  tier: number;

  /** What its checks say. */
  state: State = State.unchecked;
  /** When `state` was last changed, or the backend last found unreachable, in the clock's milliseconds. */
  stateSinceMs = 0;
  /** Why a check or a connection took it out last, in words. */
  outReason = "";
  /** Until when it is out, in the clock's milliseconds, where no check brings it back; else infinite. */
  outUntilMs = Number.POSITIVE_INFINITY;
  /** Failed checks in a row. */
  failStreak = 0;
  /** Good checks in a row. */
  passStreak = 0;
  /** How many of these bring it back; 0 is as many as `HealthRules` say. */
  rise = 0;
  /** How many failed ones in a row take it out; 0 is as many as `HealthRules` say. */
  fall = 0;
  /** Bits of `Exclusion`: what else keeps requests from it. */
  excluded = 0;

  /** Failures in a row that `isGatewayFailure` means. */
  gatewayFailStreak = 0;
  /** Failures in a row of any kind. */
  failureStreak = 0;
  /** Exchanges that ended in this interval of the comparison of backends, where there is one. */
  sampledRequests = 0;
  /** Of these, the ones that failed. */
  sampledFailures = 0;
  /** Ejections since the backend was added. */
  ejections = 0;
  /** How many times as long as the first the last ejection was. */
  ejectionFactor = 0;
  /** When it was last ejected, in the clock's milliseconds. */
  ejectedAtMs = 0;
  /** When that ejection is over at the latest, in the clock's milliseconds. */
  ejectedUntilMs = 0;
  /** Why it was last ejected, in words. */
  ejectionReason = "";
  /** When its last ejection ended, in the clock's milliseconds. */
  returnedAtMs = 0;

  /** When it last came back or was added, for a slow start, in the clock's milliseconds; long ago at the start. */
  backSinceMs = Number.NEGATIVE_INFINITY;
  /** Whether it was available when weights were last made anew. */
  wasAvailable = false;

  /** Its circuit breaker, where there is one. */
  circuit: Circuit | undefined = undefined;
  /** Its limit that follows its latency, where there is one. */
  concurrency: ConcurrencyLimit | undefined = undefined;
  /** The most exchanges under way at once; 0 is no limit. */
  maxInFlight = 0;
  /** Whether it has no room for another one (see `Room`). */
  isFull = false;
  /** Whether it is among the backends that requests go to now. */
  isReady = false;
  /** Its place among those with room, while it is one of them. */
  roomIndex = 0;

  /** Exchanges that have begun and not ended; an exchange lasts until the end of the answer's body. */
  inFlight = 0;
  /** Exchanges begun since the backend was added. */
  requests = 0;
  /** Of these, the ones that failed (see `isFailure`). */
  failures = 0;
  /** Of these, the ones given up since another try of the same request was answered first. */
  cancelled = 0;
  /** Moving average of the time to the answer's head, in milliseconds; -1 before the first answer. */
  ewmaMs = -1;
  /** When `ewmaMs` was last updated, in the clock's milliseconds. */
  ewmaAtMs = 0;
  /** The same average, but raised at once by each latency above it (see `load.ts`); -1 before the first answer. */
  peakMs = -1;
  /** When `peakMs` was last updated, in the clock's milliseconds. */
  peakAtMs = 0;

  /** @param tls What is different in its TLS. Default: nothing. */
  constructor(spec: BackendSpec, tls?: TlsIdentity) {
    this.id = spec.origin;
    this.origin = spec.origin;
    this.socketPath = socketPathOf(spec.origin);
    this.tls = tls;
    this.host = this.socketPath === "" ? spec.origin.slice(spec.origin.indexOf("://") + 3) : "localhost";
    this.weight = spec.weight;
    this.ownWeight = spec.weight;
    this.tier = spec.tier;
  }

  /** True if the backend may be given requests. */
  get available(): boolean {
    return this.state !== State.down && this.excluded === 0;
  }

  /** Its availability in one word: of several reasons why it is out, the first that would have to go. */
  get stateName(): StateName {
    if (this.isExcluded(Exclusion.draining)) return "draining";
    if (this.state === State.down || this.isExcluded(Exclusion.unreachable)) return "down";
    if (this.isExcluded(Exclusion.open)) return "open";
    if (this.isExcluded(Exclusion.ejected)) return "ejected";
    if (this.circuit?.state === CircuitState.halfOpen) return "half-open";
    return this.state === State.up ? "up" : "unchecked";
  }

  /** Whether it is kept out for this reason. */
  isExcluded(reason: Exclusion): boolean {
    return (this.excluded & reason) !== 0;
  }

  /** Keeps it out for this reason, until it is `included` again. */
  exclude(reason: Exclusion): void {
    this.excluded |= reason;
  }

  /** Takes the reason back. */
  include(reason: Exclusion): void {
    this.excluded &= ~reason;
  }
}
