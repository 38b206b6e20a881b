import type { Backend } from "../backend.ts";
import type { Random } from "../random.ts";
import type { PickPreview } from "./preview.ts";

/**
 * What of a request its key is made of: the client's address, the path and query, or the value of a header
 * field or of a cookie.
 */
export type KeySource = "ip" | "uri" | `header:${string}` | `cookie:${string}`;

/**
 * An algorithm that chooses among the ready backends. Choosing is separate from measuring load: a
 * picker reads what the backends' counters say and keeps only what its own rule needs.
 *
 * A picker of your own is one of these, made by a `PickerFactory`; for a rule of a few lines there is `pickBy`.
 * All calls are synchronous, and a pick is on the way of every request: it should not look at all backends.
 */
export interface Picker {
  /** What `pick` wants as its key. Left out if it looks at none: the key is then not even worked out. */
  readonly keySource?: KeySource | undefined;
  /**
   * Takes in a new set of ready backends, or the same with other weights. Called off the request's way, at
   * the start and whenever a backend's availability or the membership changes.
   *
   * @param ready The backends to choose from; never changed afterwards, and perhaps none.
   * @param members All backends of the pool, in their order, for rules that speak of more than those that are
   *   ready; the same array as long as the membership stays as it is.
   */
  rebuild(ready: readonly Backend[], members: readonly Backend[]): void;
  /**
   * Chooses one of the ready backends. Never called while there is none.
   *
   * @param key What stands for the client or resource, as `keySource` says; empty if the request has none.
   * @param nowMs The clock's time, in milliseconds.
   * @param avoid Backends that have been tried for this request already; nearly always none. Another is chosen
   *   while there is one.
   */
  pick(key: string, nowMs: number, avoid: readonly Backend[]): Backend;
  /** Told of each exchange that begins, after `inFlight` has gone up, for pickers that keep an order by load. */
  begun?(backend: Backend): void;
  /** Told of each exchange that ends, after `inFlight` has gone down. The backend may not be ready any more. */
  ended?(backend: Backend): void;
  /**
   * What it would pick as things are, and why, for explanations. Left out if it cannot say: an explanation then says
   * that nobody knows.
   */
  preview?(): PickPreview;
}

/** A picker that can say what it would pick, as all do that have a name. */
export interface ForeseeablePicker extends Picker {
  preview(): PickPreview;
}

/** Makes a picker with no backends yet, for one tier of a pool. */
export type PickerFactory = (random: Random) => Picker;
