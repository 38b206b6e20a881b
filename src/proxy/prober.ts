import type { ProbeRules } from "../config/resolved.ts";
import { type Backend, Exclusion, State } from "../core/backend.ts";
import { firstIntervalMs, nextCheckMs, PROMPT_CHECK_MS } from "../core/check-pace.ts";
import type { Cancel, Clock } from "../core/clock.ts";
import type { Health } from "../core/health.ts";
import { Outcome } from "../core/outcome.ts";
import type { Random } from "../core/random.ts";
import type { Transport } from "../transport/transport.ts";
import { judge, type ProbeVerdict, probeRequest } from "./probe-answer.ts";
import { probeTarget } from "./probe-target.ts";

const ALL_ALIKE: ReadonlyMap<string, ProbeRules> = new Map();

/** Who is told what checks have found: `Health`. */
export type CheckResults = Pick<Health, "checked">;

/** What one request came to: what its answer is worth, or why there was none. */
interface ProbeResult extends ProbeVerdict {
  /** Whether there was an answer. */
  readonly answered: boolean;
  /** Whether there was a connection, as far as is known. */
  readonly reached: boolean;
  /** Whether this side had room for the connection that it takes. */
  readonly hadRoom: boolean;
}

/**
 * Asks backends how they are, and tells `Health` what they say: one request for the health path; if that is the
 * customary one, and meets a connection error or a time-out, one for `/`.
 *
 * Every backend is asked at the start, then every interval ±10 %, so that many balancers do not ask at the
 * same moment; while it is down, every `intervalDownMs`. One that live traffic found dead is asked within a
 * second, not after the whole interval.
 */
export class Prober {
  readonly #rules: ProbeRules;
  readonly #transport: Transport;
  readonly #health: CheckResults;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #probes = new Map<Backend, Probe>();
  #own = ALL_ALIKE;

  constructor(rules: ProbeRules, transport: Transport, health: CheckResults, clock: Clock, random: Random) {
    this.#rules = rules;
    this.#transport = transport;
    this.#health = health;
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Probes these backends from now on, and no others: at once those that are new, or whose rules are others than before.
   *
   * @param own The rules of those that have their own, by origin; the same object as before says that they are the same.
   *   Default: all are alike.
   */
  watch(backends: readonly Backend[], own = ALL_ALIKE): void {
    const before = this.#own;
    this.#own = own;
    for (const [backend, probe] of this.#probes) {
      const { origin } = backend;
      if (backends.includes(backend) && own.get(origin) === before.get(origin)) continue;
      probe.stop();
      this.#probes.delete(backend);
    }
    for (const backend of backends) {
      if (this.#probes.has(backend)) continue;
      const rules = own.get(backend.origin) ?? this.#rules;
      const probe = new Probe(this.#clock, rules, probeTarget(backend, rules), () => this.#round(backend));
      probe.hasPassed = backend.state === State.up;
      this.#probes.set(backend, probe);
      void this.#round(backend);
    }
  }

  /** Looks at a backend soon, since live traffic met trouble there. */
  hasten(backend: Backend): void {
    this.#probes.get(backend)?.atMost(PROMPT_CHECK_MS);
  }

  /** One check of one backend, after which the next one is due. */
  async #round(backend: Backend): Promise<void> {
    const probe = this.#probes.get(backend);
    if (probe === undefined) return;
    const startedMs = this.#clock.nowMs();
    const { rules, target } = probe;
    let asked = rules.path;
    let result = await this.#ask(asked, probe);
    if (!result.answered && result.hadRoom && rules.fallsBack) {
      asked = "/";
      result = await this.#ask(asked, probe);
    }
    if (probe.isStopped) return;
    const port = rules.port === 0 ? "" : `:${rules.port}`;
    const reason = `${rules.method} ${port}${asked} ${result.said}`;
    // How another port or name is reached says nothing of how traffic's is: what is known of that stays.
    const reached = target === backend ? result.reached : !backend.isExcluded(Exclusion.unreachable);
    try {
      // A check that could not be made says nothing; requests that meet the same are told of.
      if (result.hadRoom) this.#health.checked(backend, result.passed, reason, startedMs, reached);
    } finally {
      // Whatever becomes of whoever is told: the checks go on.
      probe.failures = result.passed ? 0 : probe.failures + 1;
      probe.hasPassed ||= result.passed;
      const intervalMs = intervalOf(backend, probe);
      const tookMs = this.#clock.nowMs() - startedMs;
      if (!probe.isStopped) probe.next(nextCheckMs(intervalMs, tookMs, this.#random));
    }
  }

  async #ask(path: string, probe: Probe): Promise<ProbeResult> {
    if (probe.isStopped) return STOPPED;
    const { rules, target } = probe;
    const controller = probe.begin(rules.timeoutMs);
    try {
      const request = probeRequest(target, path, rules);
      const response = await this.#transport.send(target, request, controller);
      return {
        answered: true,
        reached: true,
        hadRoom: true,
        ...(await judge(response, rules, controller.signal)),
      };
    } catch (error) {
      const isLate = controller.signal.aborted;
      const { outcome, message } = this.#transport.failure(error);
      const said = `failed: ${isLate ? `no answer within ${rules.timeoutMs} ms` : message}`;
      const reached = isLate || outcome !== Outcome.connectFailed;
      return { answered: false, passed: false, said, reached, hadRoom: isLate || outcome !== Outcome.noRoom };
    } finally {
      probe.end();
    }
  }
}

function intervalOf(
  { state }: Backend,
  { rules, hasPassed, failures }: Pick<Probe, "rules" | "hasPassed" | "failures">,
): number {
  if (state === State.down && rules.intervalDownMs > 0) return rules.intervalDownMs;
  return hasPassed ? rules.intervalMs : firstIntervalMs(rules.intervalMs, failures);
}

const STOPPED: ProbeResult = {
  answered: false,
  passed: false,
  said: "stopped",
  reached: true,
  hadRoom: true,
};

/**
 * One backend's checks as long as their rules stay: whom they ask, always the same, so that its connections are kept;
 * and their timers, at most one waiting for the next check, and one limiting this one.
 */
class Probe {
  readonly rules: ProbeRules;
  readonly target: Backend;
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #dueMs = 0;
  #cancelDue: Cancel | undefined;
  #cancelTimeout: Cancel | undefined;
  #controller: AbortController | undefined;
  #isHastened = false;
  /** Checks that have failed since the last good one. */
  failures = 0;
  /** Whether a check has ever gone well. */
  hasPassed = false;
  isStopped = false;

  constructor(clock: Clock, rules: ProbeRules, target: Backend, onDue: () => void) {
    this.#clock = clock;
    this.rules = rules;
    this.target = target;
    this.#onDue = onDue;
  }

  begin(timeoutMs: number): AbortController {
    const controller = new AbortController();
    this.#controller = controller;
    this.#cancelTimeout = this.#clock.after(timeoutMs, () => controller.abort());
    return controller;
  }

  end(): void {
    this.#cancelTimeout?.();
    this.#controller = undefined;
  }

  next(delayMs: number): void {
    const waitMs = this.#isHastened ? Math.min(delayMs, PROMPT_CHECK_MS) : delayMs;
    this.#isHastened = false;
    this.#dueMs = this.#clock.nowMs() + waitMs;
    this.#cancelDue = this.#clock.after(waitMs, () => {
      this.#cancelDue = undefined;
      this.#onDue();
    });
  }

  /** Brings the next check forward; if one is under way, the one after it. */
  atMost(delayMs: number): void {
    if (this.#cancelDue === undefined) {
      this.#isHastened = true;
    } else if (this.#dueMs - this.#clock.nowMs() > delayMs) {
      this.#cancelDue();
      this.next(delayMs);
    }
  }

  stop(): void {
    this.isStopped = true;
    this.#cancelDue?.();
    this.#cancelTimeout?.();
    this.#controller?.abort();
  }
}
