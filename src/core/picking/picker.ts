import type { Backend } from "../backend.ts";
import type { Random } from "../random.ts";

/**
 * An algorithm that chooses among the ready backends. Choosing is separate from measuring load: a
 * picker reads what the backends' counters say and keeps only what its own rule needs.
 */
export interface Picker {
  /** True if `pick` looks at its key; the request's key is worked out only then. */
  readonly usesKey: boolean;
  /**
   * Takes in a new set of ready backends. Called off the request's way.
   *
   * @param ready The backends to choose from; never changed afterwards.
   * @param members All backends of the pool, in their order, for rules that speak of the one "after" another.
   */
  rebuild(ready: readonly Backend[], members: readonly Backend[]): void;
  /**
   * Chooses one of the ready backends. Never called while there is none.
   *
   * @param key What stands for the client or resource; empty unless `usesKey`.
   * @param nowMs The clock's time.
   */
  pick(key: string, nowMs: number): Backend;
}

/** Makes a picker with no backends yet. */
export type PickerFactory = (random: Random) => Picker;
