import type { Backend } from "../backend.ts";
import type { Random } from "../random.ts";
import type { Picker } from "./picker.ts";
import { WeightedDraw } from "./weighted-draw.ts";

/**
 * Random: every backend as often as its weight says, each pick by itself. It keeps no state, so that many
 * balancers over the same backends need not agree on anything. O(1) expected.
 *
 * The busiest of n backends is then further from the mean than with any other rule: after n picks by about
 * ln n / ln ln n (G. Gonnet, "Expected Length of the Longest Probe Sequence in Hash Code Searching", 1981).
 */
export function weightedRandom(random: Random): Picker {
  return new WeightedRandom(random);
}

class WeightedRandom implements Picker {
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
}
