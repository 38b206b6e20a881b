import type { Backend } from "../backend.ts";
import type { Picker } from "./picker.ts";

/**
 * First: the first ready backend in the order given gets everything, the next one only while that is out, as
 * Caddy's `lb_policy first` does it. Weights mean nothing to it. O(1).
 */
export function first(): Picker {
  return new First();
}

class First implements Picker {
  #ready: readonly Backend[] = [];

  rebuild(ready: readonly Backend[]): void {
    this.#ready = ready;
  }

  pick(_key: string, _nowMs: number, avoid: readonly Backend[]): Backend {
    for (const backend of this.#ready) {
      if (avoid.length === 0 || !avoid.includes(backend)) return backend;
    }
    return this.#ready[0] as Backend;
  }
}
