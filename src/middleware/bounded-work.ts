/** Why a piece of work was not taken: of this client there is too much, or of all of them. */
export type Refusal = "client" | "all";

/** How much work there may be. */
export interface WorkLimits {
  /** At once. */
  readonly most: number;
  /** Beside that, waiting for its turn. */
  readonly mostWaiting: number;
  /** Of one client, waiting or at work. */
  readonly mostPerClient: number;
}

/**
 * Does costly work for strangers, so much at once and no more: what comes beyond waits in line, and beyond that is
 * refused. One client has only so many places in the line, so that it cannot keep the others from it.
 */
export class BoundedWork {
  readonly #limits: WorkLimits;
  /** Work of each client that has any. */
  readonly #perClient = new Map<string, number>();
  readonly #waiting: (() => void)[] = [];
  #atWork = 0;

  constructor(limits: WorkLimits) {
    this.#limits = limits;
  }

  /** Pieces of work that wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Clients that have work here. */
  get clients(): number {
    return this.#perClient.size;
  }

  /**
   * Does the work when its turn comes.
   *
   * @param client Whose work it is; "" if nobody knows, and then it counts as nobody's.
   * @returns What the work gives, or at once why it is not done. Rejects as the work does.
   */
  async run<T>(client: string, work: () => Promise<T>): Promise<T | Refusal> {
    const before = this.#perClient.get(client) ?? 0;
    if (before >= this.#limits.mostPerClient) return "client";
    const mustWait = this.#atWork >= this.#limits.most;
    if (mustWait && this.#waiting.length >= this.#limits.mostWaiting) return "all";
    if (client !== "") this.#perClient.set(client, before + 1);
    // Whoever is done hands its place on, so that nobody who comes later takes it.
    if (mustWait) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#atWork += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#atWork -= 1;
      else next();
      this.#done(client);
    }
  }

  #done(client: string): void {
    const count = this.#perClient.get(client);
    if (count === undefined) return;
    if (count === 1) this.#perClient.delete(client);
    else this.#perClient.set(client, count - 1);
  }
}
