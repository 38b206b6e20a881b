import { type Backend, Exclusion } from "./backend.ts";
import { Circuit, CircuitState } from "./circuit.ts";
import type { Clock } from "./clock.ts";
import { type StateChange, stateChange } from "./health.ts";
import { isFailure, Outcome } from "./outcome.ts";

/** When a backend's circuit opens, and how it closes again. */
export interface BreakerRules {
  /** Failures in a hundred requests of the window that open it. */
  readonly errorPercent: number;
  /** The least number of requests in the window for the percentage to count. */
  readonly minRequests: number;
  /** How far back requests count, in milliseconds. */
  readonly windowMs: number;
  /** How long it is open the first time, in milliseconds; each time that the probes fail, twice as long. */
  readonly openMs: number;
  /** The longest that it is open, in milliseconds. */
  readonly maxOpenMs: number;
  /** Requests that are let through to see whether it can close: all must go well. */
  readonly probes: number;
}

/**
 * A circuit breaker for each backend (Nygard, "Release It!"): when too many of its requests fail, it is left
 * alone for a time, and the requests that would have gone there fail at once, or succeed elsewhere. Then a few
 * probes are let through; if they go well, all are.
 *
 * Unlike an ejection it compares with nothing and spares nobody, be it the last backend that there is: what
 * it is for is to shed load. So neither a good check nor panic closes it.
 */
export class Breaker {
  readonly #rules: BreakerRules;
  readonly #clock: Clock;
  readonly #onChange: (change: StateChange) => void;

  /** @param onChange Told once of each change of a circuit's state. */
  constructor(rules: BreakerRules, clock: Clock, onChange: (change: StateChange) => void) {
    this.#rules = rules;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Gives a backend its circuit, if it has none. */
  guard(backend: Backend): void {
    backend.circuit ??= new Circuit(this.#rules.windowMs);
  }

  /** An exchange begins. `startMs` is to be what `end` is given. */
  begin(circuit: Circuit, startMs: number): void {
    if (isProbe(circuit, startMs)) circuit.probesLeft -= 1;
  }

  /** An exchange that began at `startMs` has ended like this. */
  end(backend: Backend, circuit: Circuit, outcome: Outcome, startMs: number): void {
    const hasFailed = isFailure(outcome);
    // What the client did, or this side, says nothing about the backend.
    const saysNothing = !hasFailed && outcome !== Outcome.ok;
    if (isProbe(circuit, startMs)) {
      if (hasFailed) this.#open(backend, circuit, "a probe failed");
      else if (saysNothing) circuit.probesLeft += 1;
      else this.#passed(backend, circuit);
    } else if (circuit.state === CircuitState.closed && startMs >= circuit.sinceMs && !saysNothing) {
      this.#count(backend, circuit, hasFailed);
    }
  }

  /** Takes a backend's circuit away: it leaves its pool, or is to have another one. */
  forget(backend: Backend): void {
    backend.circuit?.cancelOpen?.();
    backend.circuit = undefined;
    backend.include(Exclusion.open);
  }

  #count(backend: Backend, circuit: Circuit, hasFailed: boolean): void {
    const nowMs = this.#clock.nowMs();
    circuit.requests.increment(nowMs);
    if (!hasFailed) return;
    circuit.failures.increment(nowMs);
    const { errorPercent, minRequests } = this.#rules;
    const requests = circuit.requests.total(nowMs);
    const failures = circuit.failures.total(nowMs);
    if (requests < minRequests || failures * 100 < errorPercent * requests) return;
    this.#open(backend, circuit, `${failures} of ${requests} requests failed`);
  }

  #passed(backend: Backend, circuit: Circuit): void {
    circuit.probesPassed += 1;
    if (circuit.probesPassed < this.#rules.probes) return;
    circuit.openings = 0;
    circuit.requests.clear();
    circuit.failures.clear();
    this.#turn(backend, circuit, CircuitState.closed, "circuit closed, the probes went well");
  }

  #open(backend: Backend, circuit: Circuit, reason: string): void {
    const { openMs, maxOpenMs } = this.#rules;
    const durationMs = Math.min(openMs * 2 ** circuit.openings, Math.max(openMs, maxOpenMs));
    circuit.openings += 1;
    circuit.openUntilMs = this.#clock.nowMs() + durationMs;
    circuit.openReason = reason;
    backend.exclude(Exclusion.open);
    circuit.cancelOpen = this.#clock.after(durationMs, () => this.#halfOpen(backend, circuit));
    this.#turn(backend, circuit, CircuitState.open, `${reason}, circuit open for ${durationMs / 1000} s`);
  }

  #halfOpen(backend: Backend, circuit: Circuit): void {
    const { probes } = this.#rules;
    circuit.probesLeft = probes;
    circuit.probesPassed = 0;
    backend.include(Exclusion.open);
    const many = probes === 1 ? "1 probe" : `${probes} probes`;
    this.#turn(backend, circuit, CircuitState.halfOpen, `circuit half-open, for ${many}`);
  }

  #turn(backend: Backend, circuit: Circuit, state: CircuitState, reason: string): void {
    circuit.state = state;
    circuit.sinceMs = this.#clock.nowMs();
    this.#onChange(stateChange(backend, true, reason));
  }
}

function isProbe(circuit: Circuit, startMs: number): boolean {
  return circuit.state === CircuitState.halfOpen && startMs >= circuit.sinceMs;
}
