import { type Backend, Exclusion, State, type StateName } from "./backend.ts";
import type { Cancel, Clock } from "./clock.ts";

/** How many checks in a row it takes to change the state of a backend that says nothing of its own. */
export interface HealthRules {
  /** Good checks in a row that bring a backend back. */
  readonly rise: number;
  /** Failed checks in a row that take a backend out. */
  readonly fall: number;
  /** True if active checks run, so that a backend which is down is sure to be looked at again. */
  readonly checked: boolean;
}

/** A change of a backend's availability, or of the reason for it, told once. */
export interface StateChange {
  readonly backend: Backend;
  /** Whether it is given requests now. */
  readonly available: boolean;
  /** The same with the reason, as the status shows it. */
  readonly state: StateName;
  /** True if live traffic found it out, not a check. */
  readonly byTraffic: boolean;
  /** Why, in words for a log: `GET /health answered 503`. */
  readonly reason: string;
}

/** What a backend's change of state looks like, once it has happened. */
export function stateChange(backend: Backend, byTraffic: boolean, reason: string): StateChange {
  return { backend, available: backend.available, state: backend.stateName, byTraffic, reason };
}

/**
 * How long a backend that refused a live connection stays out where no active check would bring it
 * back: nginx's `fail_timeout`.
 */
export const UNCHECKED_EJECTION_MS = 10_000;

/**
 * Decides what checks, and connections of live traffic, say of the backends.
 *
 * Checks move a backend by streaks (`rise`, `fall`); a backend never checked before is up at its first
 * good check, whatever `rise` says. Live traffic that cannot connect takes it out at once. Every change
 * is told through `onChange`, once.
 */
export class Health {
  #rules: HealthRules;
  readonly #clock: Clock;
  readonly #onChange: (change: StateChange) => void;
  readonly #onPassed: (backend: Backend, reason: string) => void;
  /** Where no check would do it: brings back the backends that are unreachable. At most one for each member. */
  readonly #returns = new Map<Backend, Cancel>();

  /**
   * @param onChange Told once of each change.
   * @param onPassed Told of each good check that leaves the backend up: what live traffic held against it is
   *   over. Default: nobody.
   */
  constructor(
    rules: HealthRules,
    clock: Clock,
    onChange: (change: StateChange) => void,
    onPassed: (backend: Backend, reason: string) => void = () => {},
  ) {
    this.#rules = rules;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#onPassed = onPassed;
  }

  /** Goes by other rules from now on; what is known of the backends stays. */
  reconfigure(rules: HealthRules): void {
    this.#rules = rules;
  }

  /**
   * Takes in the result of one active check.
   *
   * @param startedMs When the check began. A good check that began before the backend went out says nothing
   *   about it now, and is passed over.
   * @param reached False if there was no connection. Default true.
   */
  checked(backend: Backend, passed: boolean, reason: string, startedMs: number, reached = true): void {
    if (passed) this.#passed(backend, reason, startedMs);
    else this.#failed(backend, reason, reached);
  }

  /** Live traffic could not connect: the backend is out till its next good check. */
  unreachable(backend: Backend, reason: string): void {
    if (backend.isExcluded(Exclusion.unreachable)) return;
    backend.passStreak = 0;
    backend.exclude(Exclusion.unreachable);
    if (this.#rules.checked) this.#move(backend, State.down, reason, true);
    else this.#returnLater(backend, reason);
  }

  /**
   * Takes over what someone else decided who checks the backends, with all streaks behind it. Up, it has passed a
   * check: what live traffic held against it is over.
   *
   * @param unreachable Whether nothing could connect to it.
   */
  assume(backend: Backend, state: State, reason: string, unreachable: boolean): void {
    backend.failStreak = 0;
    backend.passStreak = 0;
    const isKnown = backend.isExcluded(Exclusion.unreachable) === unreachable;
    if (unreachable) backend.exclude(Exclusion.unreachable);
    else backend.include(Exclusion.unreachable);
    if (backend.state !== state || !isKnown) this.#move(backend, state, reason, false);
    if (state === State.up) this.#onPassed(backend, reason);
  }

  /** Ends what the backend has pending; to be called when it leaves its pool. */
  forget(backend: Backend): void {
    this.#returns.get(backend)?.();
    this.#returns.delete(backend);
  }

  #passed(backend: Backend, reason: string, startedMs: number): void {
    if (backend.state === State.down && startedMs < backend.stateSinceMs) return;
    if (backend.isExcluded(Exclusion.ejected) && startedMs < backend.ejectedAtMs) return;
    backend.passStreak += 1;
    backend.failStreak = 0;
    const rise = backend.rise === 0 ? this.#rules.rise : backend.rise;
    if (backend.state !== State.unchecked && backend.passStreak < rise) return;
    if (backend.state !== State.up) {
      backend.include(Exclusion.unreachable);
      this.#move(backend, State.up, reason, false);
    }
    this.#onPassed(backend, reason);
  }

  #failed(backend: Backend, reason: string, reached: boolean): void {
    backend.failStreak += 1;
    backend.passStreak = 0;
    const isDown = backend.state === State.down;
    const fall = backend.fall === 0 ? this.#rules.fall : backend.fall;
    if (!isDown && backend.failStreak < fall) return;
    const isKnown = isDown && backend.isExcluded(Exclusion.unreachable) === !reached;
    if (isKnown) return;
    if (reached) backend.include(Exclusion.unreachable);
    else backend.exclude(Exclusion.unreachable);
    this.#move(backend, State.down, reason, false);
  }

  #returnLater(backend: Backend, reason: string): void {
    const cancel = this.#clock.after(UNCHECKED_EJECTION_MS, () => {
      this.forget(backend);
      backend.include(Exclusion.unreachable);
      const why = `out for ${UNCHECKED_EJECTION_MS / 1000} s, now tried again`;
      this.#onChange(stateChange(backend, true, why));
    });
    this.#returns.set(backend, cancel);
    backend.outReason = reason;
    backend.outUntilMs = this.#clock.nowMs() + UNCHECKED_EJECTION_MS;
    this.#onChange(stateChange(backend, true, reason));
  }

  #move(backend: Backend, state: State, reason: string, byTraffic: boolean): void {
    backend.state = state;
    backend.stateSinceMs = this.#clock.nowMs();
    if (state === State.down) {
      backend.outReason = reason;
      backend.outUntilMs = Number.POSITIVE_INFINITY;
    }
    this.#onChange(stateChange(backend, byTraffic, reason));
  }
}
