/** Who saw which token, and whatever was not as it must be. */
export class Ledger {
  readonly seed: number;
  /** How often each token came to a backend. */
  readonly #arrivals = new Map<string, number>();
  /** Tokens for which a backend did something wrong. */
  readonly #faults = new Set<string>();
  readonly mixUps: string[] = [];
  /** Times that a backend closed a connection that it had said it would keep. */
  closes = 0;
  /** Requests that were answered as they should be. */
  answered = 0;
  /** Requests that the balancer answered in a backend's stead. */
  refused = 0;
  /** Of these, the ones for which no backend did anything wrong. */
  unexplained = 0;
  /** Requests whose answer was cut. */
  cut = 0;
  /** Requests that nobody waits for any more: their client left, or was told to use another connection. */
  forgotten = 0;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** Requests whose end is known. */
  get over(): number {
    return this.answered + this.refused + this.cut + this.forgotten;
  }

  /** A token came to a backend. Returns how often it has. */
  arrived(token: string, isIdempotent: boolean): number {
    const times = (this.#arrivals.get(token) ?? 0) + 1;
    this.#arrivals.set(token, times);
    if (times > 1 && !isIdempotent) this.mixedUp(`${token} came ${times} times, and must not be repeated`);
    return times;
  }

  /** A backend did something wrong with a token. */
  faulted(token: string): void {
    this.#faults.add(token);
  }

  hasFault(token: string): boolean {
    return this.#faults.has(token);
  }

  /**
   * The balancer answered in a backend's stead.
   *
   * @param mayRepeat Whether it could have tried again.
   */
  wasRefused(token: string, mayRepeat: boolean): void {
    this.refused += 1;
    if (this.hasFault(token)) return;
    this.unexplained += 1;
    if (mayRepeat) this.mixedUp(`${token} was refused, and could have been sent again`);
  }

  /** Something is not as it must be. */
  mixedUp(what: string): void {
    this.mixUps.push(what);
  }
}
