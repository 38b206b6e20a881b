import type { Backend } from "./backend.ts";
import type { Clock } from "./clock.ts";

/** How a backend that comes back, or is new, takes up its share. */
export interface SlowStartRules {
  /** How long until it has its whole weight, in milliseconds. */
  readonly windowMs: number;
  /** The shape of the way there: 1 is a straight line, more rises faster at the beginning. More than 0. */
  readonly aggression: number;
  /** The weight that it begins with, in percent of its own. */
  readonly minWeightPercent: number;
}

/** Weights are whole numbers, so while any is on its way all are multiplied by this. */
const SCALE = 100;
/** How often weights are made anew: this part of the window, within limits in milliseconds. */
const STEPS = 20;
const LEAST_STEP_MS = 100;
const MOST_STEP_MS = 1_000;

/**
 * Gives a backend little at first when it comes back or is added, since caches are cold, pools empty and code
 * is not yet compiled; never at the start of the balancer, when all are new alike (HAProxy's `slowstart`). Its weight
 * is weight × max(least, (time ÷ window) ^ (1 ÷ aggression)), Envoy's formula.
 *
 * It changes the weights that pickers see, at a coarse step and away from any request; so it works with every
 * picker that goes by weights, and with none other. The weights of those that are not on their way stay the same
 * in proportion.
 */
export class SlowStart {
  #rules: SlowStartRules;
  readonly #clock: Clock;
  readonly #onStep: () => void;
  #stepMs: number;
  #hasBegun = false;
  #isStepSet = false;

  /** @param onStep Called when weights are due to be made anew; to call `weigh`, and to tell the pickers. */
  constructor(rules: SlowStartRules, clock: Clock, onStep: () => void) {
    this.#rules = rules;
    this.#clock = clock;
    this.#onStep = onStep;
    this.#stepMs = stepMsOf(rules);
  }

  /** Goes by other rules from now on; whoever is on its way stays there. */
  reconfigure(rules: SlowStartRules): void {
    this.#rules = rules;
    this.#stepMs = stepMsOf(rules);
  }

  /** Sets the members' weights by how long each has been back. The first call takes them as they are. */
  weigh(members: readonly Backend[]): void {
    const nowMs = this.#clock.nowMs();
    let isAnyOnItsWay = false;
    for (const backend of members) {
      if (this.#hasBegun && backend.available && !backend.wasAvailable) backend.backSinceMs = nowMs;
      backend.wasAvailable = backend.available;
      if (backend.available && this.#share(backend, nowMs) < 1) isAnyOnItsWay = true;
    }
    this.#hasBegun = true;
    for (const backend of members) {
      backend.weight = isAnyOnItsWay
        ? Math.max(1, Math.round(backend.ownWeight * SCALE * this.#share(backend, nowMs)))
        : backend.ownWeight;
    }
    if (isAnyOnItsWay && !this.#isStepSet) {
      this.#isStepSet = true;
      this.#clock.after(this.#stepMs, () => {
        this.#isStepSet = false;
        this.#onStep();
      });
    }
  }

  /** What part of its weight a backend has, up to 1. */
  #share(backend: Backend, nowMs: number): number {
    const { windowMs, aggression, minWeightPercent } = this.#rules;
    const progress = (nowMs - backend.backSinceMs) / windowMs;
    if (progress >= 1) return 1;
    return Math.max(minWeightPercent / 100, progress ** (1 / aggression));
  }
}

function stepMsOf({ windowMs }: SlowStartRules): number {
  return Math.max(LEAST_STEP_MS, Math.min(windowMs / STEPS, MOST_STEP_MS));
}
