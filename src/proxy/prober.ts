import type { Backend } from "../core/backend.ts";
import { nextCheckMs, PROMPT_CHECK_MS } from "../core/check-pace.ts";
import type { Cancel, Clock } from "../core/clock.ts";
import type { Health } from "../core/health.ts";
import { Outcome } from "../core/outcome.ts";
import type { Random } from "../core/random.ts";
import { letGo } from "../transport/let-go.ts";
import type { OutboundRequest, Transport } from "../transport/transport.ts";

/** How backends are probed. */
export interface ProbeRules {
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** What one GET came to: the status, or why there was none. */
type ProbeResult = { readonly status: number } | { readonly failure: string; readonly reached: boolean };

/**
 * Asks backends how they are, and tells `Health` what they say: one GET of the health path; if that meets a
 * connection error or a time-out, one of `/`. A status below 500 is good.
 *
 * Every backend is asked at the start, then every interval ±10 %, so that many balancers do not ask at the
 * same moment. One that live traffic found dead is asked within a second, not after the whole interval.
 */
export class Prober {
  readonly #rules: ProbeRules;
  readonly #transport: Transport;
  readonly #health: Health;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #probes = new Map<Backend, Probe>();

  constructor(rules: ProbeRules, transport: Transport, health: Health, clock: Clock, random: Random) {
    this.#rules = rules;
    this.#transport = transport;
    this.#health = health;
    this.#clock = clock;
    this.#random = random;
  }

  /** Probes these backends from now on, new ones at once, and no others. */
  watch(backends: readonly Backend[]): void {
    for (const [backend, probe] of this.#probes) {
      if (backends.includes(backend)) continue;
      probe.stop();
      this.#probes.delete(backend);
    }
    for (const backend of backends) {
      if (this.#probes.has(backend)) continue;
      const probe = new Probe(this.#clock, () => this.#round(backend));
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
    const { path } = this.#rules;
    let asked = path;
    let result = await this.#get(backend, path, probe);
    if ("failure" in result && path !== "/") {
      asked = "/";
      result = await this.#get(backend, "/", probe);
    }
    if (probe.isStopped) return;
    const tookMs = this.#clock.nowMs() - startedMs;
    probe.next(nextCheckMs(this.#rules.intervalMs, tookMs, this.#random));
    const passed = "status" in result && result.status < 500;
    const said = "status" in result ? `answered ${result.status}` : `failed: ${result.failure}`;
    const reached = "status" in result || result.reached;
    this.#health.checked(backend, passed, `GET ${asked} ${said}`, startedMs, reached);
  }

  async #get(backend: Backend, path: string, probe: Probe): Promise<ProbeResult> {
    if (probe.isStopped) return { failure: "stopped", reached: true };
    const controller = probe.begin(this.#rules.timeoutMs);
    try {
      const response = await this.#transport.send(backend, probeRequest(backend, path), controller);
      // The status is all that counts: a body that cannot be let go of must not hold up the checks.
      if (response.body !== null) void letGo(response.body);
      return { status: response.status };
    } catch (error) {
      if (controller.signal.aborted) {
        return { failure: `no answer within ${this.#rules.timeoutMs} ms`, reached: true };
      }
      const { outcome, message } = this.#transport.failure(error);
      return { failure: message, reached: outcome !== Outcome.connectFailed };
    } finally {
      probe.end();
    }
  }
}

/** The timers of one backend's checks: at most one waiting for the next check, and one limiting this one. */
class Probe {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #dueMs = 0;
  #cancelDue: Cancel | undefined;
  #cancelTimeout: Cancel | undefined;
  #controller: AbortController | undefined;
  #isHastened = false;
  isStopped = false;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
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

function probeRequest(backend: Backend, path: string): OutboundRequest {
  const headers = new Headers({ host: backend.host, "user-agent": "lb-health-check", accept: "*/*" });
  return {
    method: "GET",
    target: path,
    headers,
    eachField: (visit) => headers.forEach(visit),
    announcedBytes: -1,
    idempotent: true,
    body: () => null,
  };
}
