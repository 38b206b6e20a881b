import { type Random, seededRandom } from "../../src/core/random.ts";
import type { BackendProcess } from "./backend-process.ts";

/** What may happen to a backend. */
export const KINDS = ["killed", "frozen", "frozen and killed", "slow", "500", "503"] as const;

/** One of the words above. */
export type Kind = (typeof KINDS)[number];

/** One thing that happened to one backend. */
export interface Trouble {
  readonly backend: BackendProcess;
  readonly kind: Kind;
  readonly fromMs: number;
  /** When it was killed, if it was. */
  killedMs: number;
  /** When it was over: the backend listens, runs, and answers as it should. Infinite till then. */
  untilMs: number;
}

/** So many backends may be in trouble at once. */
const MOST_AT_ONCE = 2;

const HEALTHY = { delayMs: 0, status: 200 };

/** Brings trouble to backends, at random: what, whom, when and for how long follows from the seed. */
export class Unrest {
  /** All that happened so far, also what is not over. */
  readonly troubles: Trouble[] = [];
  readonly #backends: readonly BackendProcess[];
  readonly #random: Random;

  constructor(backends: readonly BackendProcess[], seed: number) {
    this.#backends = backends;
    this.#random = seededRandom(seed);
  }

  /** Goes on until `untilMs`, and then until all is well again. */
  async run(untilMs: number): Promise<void> {
    const underWay = new Map<BackendProcess, Promise<void>>();
    while (performance.now() < untilMs) {
      await Bun.sleep(this.#between(50, 450));
      if (underWay.size >= MOST_AT_ONCE) {
        await Promise.race(underWay.values());
        continue;
      }
      const calm = this.#backends.filter((backend) => !underWay.has(backend));
      const backend = this.#oneOf(calm);
      const trouble = this.#cause(backend, this.#oneOf(KINDS)).finally(() => underWay.delete(backend));
      underWay.set(backend, trouble);
    }
    await Promise.all(underWay.values());
  }

  async #cause(backend: BackendProcess, kind: Kind): Promise<void> {
    // All drawn before the first wait, so that two at once do not mix up each other's chances.
    const lastsMs = this.#between(300, 2_500);
    const delayMs = this.#between(100, 1_500);
    const downMs = this.#between(0, 4) === 0 ? 0 : this.#between(0, 1_500);
    const trouble: Trouble = {
      backend,
      kind,
      fromMs: performance.now(),
      killedMs: Number.NaN,
      untilMs: Number.POSITIVE_INFINITY,
    };
    this.troubles.push(trouble);
    switch (kind) {
      case "killed":
        await this.#kill(trouble, downMs);
        break;
      case "frozen":
      case "frozen and killed":
        backend.freeze();
        await Bun.sleep(lastsMs);
        if (kind === "frozen") backend.thaw();
        else await this.#kill(trouble, downMs);
        break;
      case "slow":
        await backend.behave({ ...HEALTHY, delayMs });
        await Bun.sleep(lastsMs);
        await backend.behave(HEALTHY);
        break;
      default:
        await backend.behave({ ...HEALTHY, status: Number(kind) });
        await Bun.sleep(lastsMs);
        await backend.behave(HEALTHY);
    }
    trouble.untilMs = performance.now();
  }

  async #kill(trouble: Trouble, downMs: number): Promise<void> {
    trouble.killedMs = performance.now();
    await trouble.backend.kill();
    await Bun.sleep(downMs);
    await trouble.backend.start();
  }

  #between(from: number, to: number): number {
    return from + this.#random.below(to - from);
  }

  #oneOf<T>(all: readonly T[]): T {
    return all[this.#random.below(all.length)] as T;
  }
}
