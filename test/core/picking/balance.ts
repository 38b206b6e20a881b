import type { Backend } from "../../../src/core/backend.ts";

/** What each backend is owed: its share of every request that came while it was ready, less those it got. */
export class Balance {
  readonly #owed: Map<Backend, number>;
  /** The most that any has been owed, or been ahead by, in requests. */
  worst = 0;

  constructor(members: readonly Backend[]) {
    this.#owed = new Map(members.map((backend) => [backend, 0]));
  }

  /** Counts a request for which these were ready. */
  count(ready: readonly Backend[], picked: Backend): void {
    const total = ready.reduce((sum, { weight }) => sum + weight, 0);
    for (const backend of ready) {
      const owed = (this.#owed.get(backend) ?? 0) + backend.weight / total - (backend === picked ? 1 : 0);
      this.#owed.set(backend, owed);
      this.worst = Math.max(this.worst, Math.abs(owed));
    }
  }
}
