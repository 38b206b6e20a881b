import type { Backend } from "../../../src/core/backend.ts";
import { observeLatency } from "../../../src/core/load.ts";
import type { Picker } from "../../../src/core/picking/picker.ts";

const NONE: readonly Backend[] = [];

/** A picker with backends and requests under way, told of everything as a balancer would tell it. */
export class Pool {
  readonly picker: Picker;
  nowMs = 1_000_000;
  readonly #underWay: Backend[] = [];

  /** All members are ready at first. */
  constructor(picker: Picker, members: readonly Backend[]) {
    this.picker = picker;
    picker.rebuild(members, members);
  }

  become(ready: readonly Backend[], members: readonly Backend[]): void {
    this.picker.rebuild(ready, members);
  }

  /** Picks, and begins an exchange there. */
  request(key = "", avoid = NONE): Backend {
    const backend = this.picker.pick(key, this.nowMs, avoid);
    backend.inFlight += 1;
    this.picker.begun?.(backend);
    this.#underWay.push(backend);
    return backend;
  }

  /** Ends an exchange at the backend, if one is under way. */
  end(backend: Backend): void {
    const index = this.#underWay.indexOf(backend);
    if (index < 0) return;
    this.#underWay.splice(index, 1);
    this.#ended(backend);
  }

  /** Ends the exchange that began first, if any is under way. */
  endOldest(): Backend | undefined {
    const backend = this.#underWay.shift();
    if (backend !== undefined) this.#ended(backend);
    return backend;
  }

  /** Exchanges under way. */
  get inFlight(): number {
    return this.#underWay.length;
  }

  /** The backend answers after so long. */
  answers(backend: Backend, latencyMs: number): void {
    observeLatency(backend, latencyMs, this.nowMs);
  }

  #ended(backend: Backend): void {
    backend.inFlight -= 1;
    this.picker.ended?.(backend);
  }
}
