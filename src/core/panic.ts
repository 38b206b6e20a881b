import type { Pool } from "./pool.ts";

/** Panic has begun or ended (see `splitTraffic`), told once. */
export interface PanicChange {
  /** Whether requests go to backends that are out as well. */
  readonly panicking: boolean;
  /** How many backends are available. */
  readonly available: number;
  /** How many there are. */
  readonly members: number;
}

/** Tells of panic when it begins and when it ends. */
export class PanicWatch {
  readonly #pool: Pool;
  readonly #onChange: (change: PanicChange) => void;
  #isPanicking = false;

  constructor(pool: Pool, onChange: (change: PanicChange) => void) {
    this.#pool = pool;
    this.#onChange = onChange;
  }

  /** Looks whether anything is to be told. */
  look(): void {
    const { isPanicking, members } = this.#pool;
    if (isPanicking === this.#isPanicking) return;
    this.#isPanicking = isPanicking;
    const available = members.filter((backend) => backend.available).length;
    this.#onChange({ panicking: isPanicking, available, members: members.length });
  }
}
