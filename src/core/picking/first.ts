import type { Backend } from "../backend.ts";
import type { ForeseeablePicker } from "./picker.ts";
import { AVOIDED, certain, type PickPreview } from "./preview.ts";

/**
 * First: the first ready backend in the order given gets everything, the next one only while that is out, as
 * Caddy's `lb_policy first` does it. Weights mean nothing to it. O(1).
 */
export function first(): ForeseeablePicker {
  return new First();
}

class First implements ForeseeablePicker {
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

  preview(): PickPreview {
    return {
      next: (key, nowMs, avoid) => {
        const ready = this.#ready;
        const picked = this.pick(key, nowMs, avoid);
        return certain("the first ready backend in the order given", ready, picked, (backend) => {
          const score = `place ${ready.indexOf(backend) + 1}`;
          if (backend === picked) return { score, reason: "the first in the order given" };
          return { score, reason: avoid.includes(backend) ? AVOIDED : `${picked.origin} comes before it` };
        });
      },
    };
  }
}
