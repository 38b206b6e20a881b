/**
 * What middlewares have fetched or learnt, for those that another config makes in their place: to read the config again
 * must not cost it.
 *
 * Weakly: the last config that uses something is what keeps it.
 */
export class Kept {
  readonly #things = new Map<string, WeakRef<object>>();

  /** How many are known, those that nothing uses any more among them until the next is asked for. */
  get size(): number {
    return this.#things.size;
  }

  /**
   * What was made under the same name before, if anything uses it still; otherwise it is made.
   *
   * @param name Says what it is, and all that it was made of: under one name there is one kind of thing.
   */
  of<Thing extends object>(name: string, make: () => Thing): Thing {
    for (const [known, thing] of this.#things) {
      if (thing.deref() === undefined) this.#things.delete(known);
    }
    const kept = this.#things.get(name)?.deref();
    // The name says of what kind it is.
    if (kept !== undefined) return kept as Thing;
    const thing = make();
    this.#things.set(name, new WeakRef(thing));
    return thing;
  }
}
