import type { Backend } from "../backend.ts";
import type { Random } from "../random.ts";
import { chancesByWeight } from "./chances.ts";
import type { ForeseeablePicker } from "./picker.ts";
import { AVOIDED, type PickPreview } from "./preview.ts";
import { WeightedDraw } from "./weighted-draw.ts";

/**
 * Random: every backend as often as its weight says, each pick by itself. It keeps no state, so that many
 * balancers over the same backends need not agree on anything. O(1) expected.
 *
 * The busiest of n backends is then further from the mean than with any other rule: after n picks by about
 * ln n / ln ln n (G. Gonnet, "Expected Length of the Longest Probe Sequence in Hash Code Searching", 1981).
 */
export function weightedRandom(random: Random): ForeseeablePicker {
  return new WeightedRandom(random);
}

class WeightedRandom implements ForeseeablePicker {
  readonly #draw: WeightedDraw;
  #ready: readonly Backend[] = [];

  constructor(random: Random) {
    this.#draw = new WeightedDraw(random);
  }

  rebuild(ready: readonly Backend[]): void {
    this.#ready = ready;
    this.#draw.rebuild(ready);
  }

  pick(_key: string, _nowMs: number, avoid: readonly Backend[]): Backend {
    const draw = this.#draw;
    const place = avoid.length === 0 ? draw.draw() : draw.drawOutside(draw.placesOf(avoid));
    return this.#ready[place < 0 ? draw.draw() : place] as Backend;
  }

  preview(): PickPreview {
    return {
      next: (_key, _nowMs, avoid) => {
        const ready = this.#ready;
        const others = ready.filter((backend) => !avoid.includes(backend));
        const drawn = others.length === 0 ? ready : others;
        const chances = chancesByWeight(drawn);
        const total = drawn.reduce((sum, { weight }) => sum + weight, 0);
        return {
          rule: "by chance, as often as its weight says",
          prospects: ready.map((backend) => {
            const chance = chances[drawn.indexOf(backend)] ?? 0;
            const score = `weight ${backend.weight} of ${total}`;
            return { backend, chance, score, reason: chance === 0 ? AVOIDED : whyDrawn(drawn.length) };
          }),
        };
      },
    };
  }
}

function whyDrawn(count: number): string {
  return count === 1 ? "there is no other" : "by chance";
}
