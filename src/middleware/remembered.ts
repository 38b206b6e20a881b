/** Remembers so many things for so long, and forgets the oldest of them when there are more. */
export class Remembered<Value> {
  readonly #most: number;
  readonly #forMs: number;
  /** In the order in which they came, which is the order in which they are forgotten. */
  readonly #entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();

  /** @param forMs How long, in milliseconds, counted from when it came; 0 is not at all. */
  constructor(most: number, forMs: number) {
    this.#most = most;
    this.#forMs = forMs;
  }

  /** How many are held. */
  get size(): number {
    return this.#entries.size;
  }

  /** Undefined if it never came, or was forgotten. */
  get(key: string, nowMs: number): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (nowMs < entry.untilMs) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** Remembers a value from now on. */
  set(key: string, value: Value, nowMs: number): void {
    if (this.#forMs === 0) return;
    this.#entries.delete(key);
    if (this.#entries.size >= this.#most) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(key, { value, untilMs: nowMs + this.#forMs });
  }
}
