import type { Backend } from "../backend.ts";
import type { Random } from "../random.ts";
import { chancesByWeight, chancesOfTwo } from "./chances.ts";
import type { ForeseeablePicker } from "./picker.ts";
import { AVOIDED, type PickForecast, type PickPreview } from "./preview.ts";
import { WeightedDraw } from "./weighted-draw.ts";

/**
 * Draws two different backends, each as likely as its weight says, and takes the one that costs less: the
 * power of two choices (M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 1996).
 *
 * Two draws do nearly as well as looking at all, at a price that does not grow with their number; and where
 * several balancers share the backends they do better, since not all run to the one that is least loaded.
 */
export abstract class TwoChoices implements ForeseeablePicker {
  readonly #draw: WeightedDraw;
  #ready: readonly Backend[] = [];

  /** @param random Draws both. */
  constructor(random: Random) {
    this.#draw = new WeightedDraw(random);
  }

  /** What it would cost to give the backend another request; of two, the lower one counts. */
  protected abstract cost(backend: Backend, nowMs: number): number;

  /** What costs are made of, in words: `requests under way for its weight`. */
  protected abstract readonly measure: string;

  /** The same for one backend, with its numbers. */
  protected abstract score(backend: Backend, nowMs: number): string;

  /** Takes in the backends to choose from. */
  rebuild(ready: readonly Backend[]): void {
    this.#ready = ready;
    this.#draw.rebuild(ready);
  }

  /** Chooses one of them. At equal costs it is the one drawn first. */
  pick(_key: string, nowMs: number, avoid: readonly Backend[]): Backend {
    const ready = this.#ready;
    if (ready.length === 1) return ready[0] as Backend;
    if (avoid.length > 0) return this.#pickBut(avoid, nowMs);
    const place = this.#draw.draw();
    return this.#cheaper(ready[place] as Backend, ready[this.#draw.drawBut(place)] as Backend, nowMs);
  }

  /** How likely each is to be drawn and taken. */
  preview(): PickPreview {
    return { next: (_key, nowMs, avoid) => this.#forecast(nowMs, avoid) };
  }

  #forecast(nowMs: number, avoid: readonly Backend[]): PickForecast {
    const ready = this.#ready;
    const drawn = ready.filter((backend) => !avoid.includes(backend));
    const isAnyLeft = drawn.length > 0;
    const costs = drawn.map((backend) => this.cost(backend, nowMs));
    const chances = isAnyLeft ? chancesOfTwo(drawn, costs) : chancesByWeight(ready);
    const byBackend = new Map((isAnyLeft ? drawn : ready).map((backend, index) => [backend, chances[index]]));
    return {
      rule: `two are drawn by weight, and the one with less is taken: ${this.measure}`,
      prospects: ready.map((backend) => {
        const chance = byBackend.get(backend);
        const score = this.score(backend, nowMs);
        const reason = chance === undefined ? AVOIDED : whyTaken(chance, drawn.length);
        return { backend, chance: chance ?? 0, score, reason };
      }),
    };
  }

  #pickBut(avoid: readonly Backend[], nowMs: number): Backend {
    const draw = this.#draw;
    const place = draw.drawOutside(draw.placesOf(avoid));
    if (place < 0) return this.#ready[draw.draw()] as Backend;
    const first = this.#ready[place] as Backend;
    const other = draw.drawOutside(draw.placesOf([...avoid, first]));
    return other < 0 ? first : this.#cheaper(first, this.#ready[other] as Backend, nowMs);
  }

  #cheaper(first: Backend, second: Backend, nowMs: number): Backend {
    return this.cost(second, nowMs) < this.cost(first, nowMs) ? second : first;
  }
}

function whyTaken(chance: number, drawn: number): string {
  if (drawn === 1) return "there is no other";
  if (chance === 0) return "every other one has less";
  if (chance === 1) return "both are drawn, and it has less";
  return "by chance: if it is drawn, and the other one has no less";
}
