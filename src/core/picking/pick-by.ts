import type { Backend } from "../backend.ts";
import type { Random } from "../random.ts";
import type { KeySource, Picker, PickerFactory } from "./picker.ts";

/**
 * Chooses a backend for one request. Returning `undefined`, or anything else than one of them, is a mistake.
 *
 * @param ready The backends to choose from, at least one; none that was tried for this request before, while
 *   there is another. Not to be changed.
 * @param key The request's key; empty if none was asked for or the request has none.
 * @param random Chance, for rules that need it.
 */
export type Choice = (ready: readonly Backend[], key: string, random: Random) => Backend | undefined;

/**
 * Makes an algorithm of a rule that fits in one function, such as
 * `pickBy((ready, _key, random) => ready[random.below(ready.length)])`.
 *
 * It suits rules that keep nothing from one pick to the next; others are written as a `Picker`.
 *
 * @param keySource What of a request its key is. Default: nothing, and `key` is empty.
 */
export function pickBy(choice: Choice, keySource?: KeySource): PickerFactory {
  return (random) => new PickerByChoice(choice, keySource, random);
}

class PickerByChoice implements Picker {
  readonly keySource: KeySource | undefined;
  readonly #choice: Choice;
  readonly #random: Random;
  #ready: readonly Backend[] = [];

  constructor(choice: Choice, keySource: KeySource | undefined, random: Random) {
    this.keySource = keySource;
    this.#choice = choice;
    this.#random = random;
  }

  rebuild(ready: readonly Backend[]): void {
    this.#ready = ready;
  }

  pick(key: string, _nowMs: number, avoid: readonly Backend[]): Backend {
    const ready = this.#ready;
    const untried = avoid.length === 0 ? ready : ready.filter((backend) => !avoid.includes(backend));
    // What is not a backend is seen by whoever asked: a picker of somebody's own is a guarded one.
    return this.#choice(untried.length === 0 ? ready : untried, key, this.#random) as Backend;
  }
}
