import { type Backend, State } from "./backend.ts";
import type { Clock } from "./clock.ts";

/** How many checks in a row it takes to change a backend's state. */
export interface HealthRules {
  /** Good checks in a row that bring a backend back. */
  readonly rise: number;
  /** Failed checks in a row that take a backend out. */
  readonly fall: number;
  /** True if active checks run, so that a backend which is down is sure to be looked at again. */
  readonly checked: boolean;
}

/** A change of a backend's availability, told once. */
export interface StateChange {
  readonly backend: Backend;
  readonly available: boolean;
  /** True if live traffic found it out, not a check. */
  readonly byTraffic: boolean;
  /** Why, in words for a log: `GET /health answered 503`. */
  readonly reason: string;
}

/**
 * How long a backend that refused a live connection stays out where no active check would bring it
 * back: nginx's `fail_timeout`.
 */
export const UNCHECKED_EJECTION_MS = 10_000;

/**
 * Decides which backends are available, from checks and from what live traffic meets.
 *
 * Checks move a backend by streaks (`rise`, `fall`); a backend never checked before is up at its first
 * good check, whatever `rise` says. Live traffic that cannot connect takes it out at once. Every change
 * is told through `onChange`, once.
 */
export class Health {
  readonly #rules: HealthRules;
  readonly #clock: Clock;
  readonly #onChange: (change: StateChange) => void;

  constructor(rules: HealthRules, clock: Clock, onChange: (change: StateChange) => void) {
    this.#rules = rules;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /**
   * Takes in the result of one active check.
   *
   * @param startedMs When the check began. A good check that began before the backend went down says
   *   nothing about it now, and is passed over.
   */
  checked(backend: Backend, passed: boolean, reason: string, startedMs: number): void {
    if (passed) {
      if (backend.state === State.down && startedMs < backend.stateSinceMs) return;
      backend.passStreak += 1;
      backend.failStreak = 0;
      const enough = backend.state === State.unchecked || backend.passStreak >= this.#rules.rise;
      if (backend.state !== State.up && enough) this.#move(backend, State.up, reason, false);
    } else {
      backend.failStreak += 1;
      backend.passStreak = 0;
      if (backend.state !== State.down && backend.failStreak >= this.#rules.fall) {
        this.#move(backend, State.down, reason, false);
      }
    }
  }

  /** Live traffic could not connect: the backend is out till its next good check. */
  unreachable(backend: Backend, reason: string): void {
    if (!backend.available) return;
    backend.passStreak = 0;
    if (this.#rules.checked) this.#move(backend, State.down, reason, true);
    else this.#eject(backend, reason);
  }

  /** Takes over what someone else decided who checks the backends, with all streaks behind it. */
  assume(backend: Backend, state: State, reason: string): void {
    backend.failStreak = 0;
    backend.passStreak = 0;
    if (backend.state !== state) this.#move(backend, state, reason, false);
  }

  /** Ends what the backend has pending; to be called when it leaves its pool. */
  forget(backend: Backend): void {
    backend.cancelEjection?.();
    backend.cancelEjection = undefined;
    backend.ejectedUntilMs = 0;
  }

  #eject(backend: Backend, reason: string): void {
    backend.ejectedUntilMs = this.#clock.nowMs() + UNCHECKED_EJECTION_MS;
    backend.cancelEjection = this.#clock.after(UNCHECKED_EJECTION_MS, () => {
      this.forget(backend);
      const reason = `out for ${UNCHECKED_EJECTION_MS / 1000} s, now tried again`;
      this.#onChange({ backend, available: true, byTraffic: true, reason });
    });
    this.#onChange({ backend, available: false, byTraffic: true, reason });
  }

  #move(backend: Backend, state: State, reason: string, byTraffic: boolean): void {
    backend.state = state;
    backend.stateSinceMs = this.#clock.nowMs();
    this.#onChange({ backend, available: backend.available, byTraffic, reason });
  }
}
