import type { Backend } from "../backend.ts";
import { nameOf, wordsOf } from "./fault-words.ts";
import { guardedPreview } from "./guarded-preview.ts";
import type { ForeseeablePicker, KeySource, Picker } from "./picker.ts";
import type { PickPreview } from "./preview.ts";
import { roundRobin } from "./round-robin.ts";

/** Told once, in words for a log, that a picker does what it must not. */
export type PickerFault = (reason: string) => void;

/**
 * A picker that somebody else has written, held to the contract: whatever it does, a request gets a ready backend,
 * and one that it has not been to while there is one. Where the picker fails, round robin stands in for it.
 */
export class GuardedPicker implements ForeseeablePicker {
  readonly keySource: KeySource | undefined;
  readonly #own: Picker;
  readonly #standIn = roundRobin();
  readonly #onFault: PickerFault;
  #ready: ReadonlySet<Backend> = new Set();
  /** Whether it took in the ready backends; if not, it cannot know what to choose from. */
  #isUpToDate = false;
  #hasFailed = false;

  /** @param onFault Told of its first mistake; more of them would fill a log and say no more. */
  constructor(own: Picker, onFault: PickerFault) {
    this.keySource = own.keySource;
    this.#own = own;
    this.#onFault = onFault;
  }

  /** The pool's. */
  rebuild(ready: readonly Backend[], members: readonly Backend[]): void {
    this.#ready = new Set(ready);
    this.#standIn.rebuild(ready, members);
    try {
      this.#own.rebuild(ready, members);
      this.#isUpToDate = true;
    } catch (error) {
      this.#isUpToDate = false;
      this.#failed(`its rebuild threw ${wordsOf(error)}`);
    }
  }

  /** The balancer's. */
  pick(key: string, nowMs: number, avoid: readonly Backend[]): Backend {
    // A picker that takes no notice of what to avoid may still give another one when it is asked again.
    for (let draw = 0; draw <= avoid.length && this.#isUpToDate; draw++) {
      const backend = this.#ownPick(key, nowMs, avoid);
      if (backend === undefined) break;
      if (avoid.length === 0 || !avoid.includes(backend)) return backend;
    }
    return this.#standIn.pick(key, nowMs, avoid);
  }

  /** The balancer's. */
  begun(backend: Backend): void {
    try {
      this.#own.begun?.(backend);
    } catch (error) {
      this.#failed(`its begun threw ${wordsOf(error)}`);
    }
  }

  /** The balancer's. */
  ended(backend: Backend): void {
    try {
      this.#own.ended?.(backend);
    } catch (error) {
      this.#failed(`its ended threw ${wordsOf(error)}`);
    }
  }

  /** The explanation's. */
  preview(): PickPreview {
    return this.#isUpToDate ? guardedPreview(this.#own, this.#ready) : this.#standIn.preview();
  }

  #ownPick(key: string, nowMs: number, avoid: readonly Backend[]): Backend | undefined {
    try {
      const backend = this.#own.pick(key, nowMs, avoid);
      if (this.#ready.has(backend)) return backend;
      this.#failed(`its pick returned ${nameOf(backend)}, expected one of the ready backends`);
    } catch (error) {
      this.#failed(`its pick threw ${wordsOf(error)}`);
    }
    return undefined;
  }

  #failed(reason: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#onFault(reason);
  }
}
