import { type Backend, Exclusion } from "./backend.ts";
import type { Cancel, Clock } from "./clock.ts";
import { type StateChange, stateChange } from "./health.ts";
import { isFailure, isGatewayFailure, Outcome } from "./outcome.ts";
import { failureOutliers, type OutlierRules, successRateOutliers } from "./outliers.ts";

/** When live traffic takes a backend out, and for how long. */
export interface EjectionRules extends OutlierRules {
  /** Failures in a row without an answer of the application's (see `isGatewayFailure`); 0 is never. */
  readonly consecutiveGatewayFailures: number;
  /** The same for failures of any kind, answers with a status of 500 and above among them; 0 is never. */
  readonly consecutive5xx: number;
  /** How often backends are compared, and how long one must behave for an ejection to be forgotten, in milliseconds. */
  readonly intervalMs: number;
  /** How long the first ejection lasts, in milliseconds; the second lasts twice as long, and so on. */
  readonly ejectionMs: number;
  /** The longest that one lasts, in milliseconds. */
  readonly maxEjectionMs: number;
  /** How much of the pool may be ejected at once, in percent; one backend always may be. */
  readonly maxEjectedPercent: number;
}

/**
 * Takes backends out that fail where others do not, as live traffic sees it: Envoy's outlier detection.
 *
 * An ejection lasts `ejectionMs` times the number of ejections; that number goes down by one for each interval
 * in which the backend was not ejected. A passing check ends it early. It never goes so far that it does more
 * harm than the backends: at most `maxEjectedPercent` of them are out, and never the last that is available.
 *
 * What is counted are plain numbers on the backend. Nothing runs while nobody is ejected but, where backends
 * are compared, a sweep in each interval that has seen traffic.
 */
export class Ejection {
  #rules: EjectionRules;
  readonly #clock: Clock;
  readonly #members: () => readonly Backend[];
  readonly #onChange: (change: StateChange) => void;
  /** What ends each ejection; at most one for each member. */
  readonly #returns = new Map<Backend, Cancel>();
  #isSweepSet = false;

  /**
   * @param members All backends of the pool as they are now.
   * @param onChange Told once of each ejection, and of each return.
   */
  constructor(
    rules: EjectionRules,
    clock: Clock,
    members: () => readonly Backend[],
    onChange: (change: StateChange) => void,
  ) {
    this.#rules = rules;
    this.#clock = clock;
    this.#members = members;
    this.#onChange = onChange;
  }

  /** Whether backends are compared, so that every good exchange counts as well. */
  get compares(): boolean {
    return this.#rules.successRateDeviation > 0 || this.#rules.failurePercent > 0;
  }

  /** Goes by other rules from now on. Ejections that have begun last as long as they were to. */
  reconfigure(rules: EjectionRules): void {
    this.#rules = rules;
  }

  /** Ends all ejections: there are to be none any more. */
  close(reason: string): void {
    for (const backend of [...this.#returns.keys()]) this.#return(backend, false, reason);
  }

  /**
   * Takes in how an exchange ended. Where backends are not compared, those that went well need not be told
   * while `failureStreak` is 0.
   *
   * @param startMs When it began. A failure of one that began before the backend last came back is old news.
   */
  observe(backend: Backend, outcome: Outcome, startMs: number): void {
    if (outcome === Outcome.ok) {
      restart(backend);
      if (this.compares) this.#sample(backend, 0);
    } else if (isFailure(outcome) && startMs >= backend.returnedAtMs) {
      if (this.compares) this.#sample(backend, 1);
      this.#failed(backend, outcome);
    }
  }

  /** A check was good: an ejection ends. */
  passed(backend: Backend, reason: string): void {
    if (backend.isExcluded(Exclusion.ejected)) this.#return(backend, false, reason);
  }

  /** Ends what the backend has pending; to be called when it leaves its pool. */
  forget(backend: Backend): void {
    this.#returns.get(backend)?.();
    this.#returns.delete(backend);
  }

  #failed(backend: Backend, outcome: Outcome): void {
    const { consecutiveGatewayFailures, consecutive5xx } = this.#rules;
    backend.failureStreak += 1;
    backend.gatewayFailStreak = isGatewayFailure(outcome) ? backend.gatewayFailStreak + 1 : 0;
    if (consecutiveGatewayFailures > 0 && backend.gatewayFailStreak >= consecutiveGatewayFailures) {
      this.#eject(backend, `${backend.gatewayFailStreak} gateway failures in a row`);
    } else if (consecutive5xx > 0 && backend.failureStreak >= consecutive5xx) {
      this.#eject(backend, `${backend.failureStreak} failures in a row`);
    }
  }

  #sample(backend: Backend, failures: number): void {
    backend.sampledRequests += 1;
    backend.sampledFailures += failures;
    if (this.#isSweepSet) return;
    this.#isSweepSet = true;
    this.#clock.after(this.#rules.intervalMs, () => this.#sweep());
  }

  /** Compares the backends by what they did in the interval that has ended. */
  #sweep(): void {
    this.#isSweepSet = false;
    const members = this.#members();
    const outliers = [...successRateOutliers(members, this.#rules), ...failureOutliers(members, this.#rules)];
    for (const { backend, reason } of outliers) this.#eject(backend, reason);
    for (const backend of members) {
      backend.sampledRequests = 0;
      backend.sampledFailures = 0;
    }
  }

  #eject(backend: Backend, reason: string): void {
    const { intervalMs, ejectionMs, maxEjectionMs } = this.#rules;
    restart(backend);
    if (!this.#mayEject(backend)) return;
    const nowMs = this.#clock.nowMs();
    const goodIntervals = Math.floor((nowMs - backend.returnedAtMs) / intervalMs);
    const longestMs = Math.max(ejectionMs, maxEjectionMs);
    // Counting on beyond the longest would only make it last longer until that is forgotten.
    const most = Math.ceil(longestMs / ejectionMs);
    backend.ejectionFactor = Math.min(Math.max(0, backend.ejectionFactor - goodIntervals) + 1, most);
    const durationMs = Math.min(ejectionMs * backend.ejectionFactor, longestMs);
    backend.exclude(Exclusion.ejected);
    backend.ejectedAtMs = nowMs;
    backend.ejectedUntilMs = nowMs + durationMs;
    backend.ejectionReason = reason;
    backend.ejections += 1;
    backend.passStreak = 0;
    const cancel = this.#clock.after(durationMs, () => {
      this.#return(backend, true, `ejected for ${durationMs / 1000} s, now tried again`);
    });
    this.#returns.set(backend, cancel);
    this.#onChange(stateChange(backend, true, `${reason}, for ${durationMs / 1000} s`));
  }

  #mayEject(backend: Backend): boolean {
    const members = this.#members();
    // What has left the pool may still have exchanges; and who is out already needs no ejection.
    if (!backend.available || !members.includes(backend)) return false;
    let ejected = 0;
    let available = 0;
    for (const member of members) {
      if (member.isExcluded(Exclusion.ejected)) ejected += 1;
      if (member.available) available += 1;
    }
    const most = Math.max(1, Math.floor((members.length * this.#rules.maxEjectedPercent) / 100));
    return available > 1 && ejected < most;
  }

  #return(backend: Backend, byTraffic: boolean, reason: string): void {
    this.forget(backend);
    restart(backend);
    backend.include(Exclusion.ejected);
    backend.returnedAtMs = this.#clock.nowMs();
    // If something else keeps it out, there is nothing to tell.
    if (backend.available) this.#onChange(stateChange(backend, byTraffic, reason));
  }
}

/** Begins to count anew. */
function restart(backend: Backend): void {
  backend.gatewayFailStreak = 0;
  backend.failureStreak = 0;
}
