import { expect } from "bun:test";
import { type AttemptRules, Attempts } from "../../src/core/attempts.ts";
import type { Backend, BackendSpec } from "../../src/core/backend.ts";
import { Balancer } from "../../src/core/balancer.ts";
import type { BalancerConfig } from "../../src/core/balancer-config.ts";
import { Outcome } from "../../src/core/outcome.ts";
import { seededRandom } from "../../src/core/random.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

/** How long a request may wait. */
export const TIMEOUT_MS = 5_000;
/** How much later than asked a wait may end. */
export const LATE_MS = 100;

interface Chosen extends Partial<BalancerConfig> {
  readonly rules?: Partial<AttemptRules>;
}

/** A balancer whose backends take one exchange each, unless it is said otherwise. */
export function setUp({ rules, ...config }: Chosen = {}) {
  const clock = new VirtualClock();
  const balancer = new Balancer(
    {
      backends: [sampleSpec(0)],
      algorithm: "round-robin",
      health: { rise: 1, fall: 1, checked: true },
      retry: { retries: 2, retryOn: ["connect", "reset"] },
      maxInFlight: 1,
      queue: { maxWaiting: 3, timeoutMs: TIMEOUT_MS },
      ...config,
    },
    clock,
    seededRandom(1),
    () => {},
  );
  const told: string[] = [];
  /** What has become of a request: where it is, that it waits, or why it was refused. */
  const open = new Map<string, Backend>();
  const allRules = { timeoutMs: 60_000, tryTimeoutMs: 0, requestTimeoutMs: 0, ...rules };
  const attempt = (name: string, attempts: Attempts) => {
    const over = (backend: Backend | undefined) => {
      told.push(backend === undefined ? `${name}: ${attempts.refusal}` : `${name}: ${backend.id.at(-4)}`);
      if (backend === undefined) return;
      open.set(name, backend);
      balancer.begin(backend, attempts.nowMs);
    };
    const backend = attempts.next();
    if (backend !== undefined || !attempts.wait(over)) over(backend);
  };
  const come = (name: string, priority?: number, session = "") => {
    const attempts = new Attempts(balancer, allRules);
    attempts.admit("", session, priority);
    attempt(name, attempts);
    return attempts;
  };
  const end = (name: string, outcome: Outcome = Outcome.ok) => {
    const backend = open.get(name) as Backend;
    open.delete(name);
    balancer.end(backend, outcome, "");
    return backend;
  };
  const again = (name: string, attempts: Attempts, outcome: Outcome) => {
    expect(attempts.mayTryAgain(end(name, outcome), outcome, true, true)).toBe(true);
    clock.advance(attempts.waitMs);
    attempt(name, attempts);
  };
  const take = () => told.splice(0);
  const size = () => balancer.waiting?.size;
  return { balancer, clock, come, end, again, take, size };
}

/** Two backends that take one exchange each. */
export const two: readonly BackendSpec[] = [sampleSpec(0), sampleSpec(1)];
