import type { Random } from "../core/random.ts";
import { uniform } from "./chance.ts";

/** How times are spread around their mean, by the names that flags use. */
export const DISTRIBUTIONS = ["lognormal", "exponential", "constant"] as const;

/** One of the words above. */
export type DistributionName = (typeof DISTRIBUTIONS)[number];

/** Draws times, one after another. */
export interface Distribution {
  /** The next time, in milliseconds. */
  nextMs(): number;
}

/** Times with this mean, in milliseconds. */
export function distribution(name: DistributionName, meanMs: number, random: Random): Distribution {
  switch (name) {
    case "lognormal":
      return new Lognormal(meanMs, random);
    case "exponential":
      return new Exponential(meanMs, random);
    case "constant":
      return { nextMs: () => meanMs };
  }
}

/** Times without a memory; as times between arrivals they make a Poisson process. */
export class Exponential implements Distribution {
  readonly #meanMs: number;
  readonly #random: Random;

  /** @param meanMs The mean, in milliseconds. */
  constructor(meanMs: number, random: Random) {
    this.#meanMs = meanMs;
    this.#random = random;
  }

  /** The next time, in milliseconds. */
  nextMs(): number {
    return -Math.log(uniform(this.#random)) * this.#meanMs;
  }
}

/**
 * Times whose logarithms are spread normally, with σ = 1: what services are usually measured to do. Half of them are
 * below 0.61 of the mean, one in a hundred above 6.2 times it, one in a thousand above 13 times.
 */
class Lognormal implements Distribution {
  readonly #mu: number;
  readonly #random: Random;
  /** The second of a pair of normal numbers; NaN if it was used. */
  #spare = Number.NaN;

  constructor(meanMs: number, random: Random) {
    // The mean of the lognormal is exp(µ + σ²/2).
    this.#mu = Math.log(meanMs) - 0.5;
    this.#random = random;
  }

  nextMs(): number {
    return Math.exp(this.#mu + this.#normal());
  }

  /** Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958. */
  #normal(): number {
    const spare = this.#spare;
    this.#spare = Number.NaN;
    if (!Number.isNaN(spare)) return spare;
    const radius = Math.sqrt(-2 * Math.log(uniform(this.#random)));
    const angle = 2 * Math.PI * uniform(this.#random);
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}
