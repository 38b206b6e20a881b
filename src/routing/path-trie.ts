import type { PathPattern } from "../config/path-pattern.ts";
import { SLASH } from "../http1/characters.ts";
import { type Candidate, firstOf } from "./candidate.ts";
import type { RequestView } from "./request-view.ts";

/** One text that a segment may be, of those with the same hash. */
interface Literal<T> {
  readonly text: string;
  readonly node: PathTrie<T>;
  readonly next: Literal<T> | undefined;
}

/**
 * Routes by the segments of their paths: a node for each beginning of a pattern. Segments are found by a hash of
 * their characters, so that no string is made to look one up.
 *
 * What the order of routes is does not matter here: every node knows the first rank at or below it, and is left out
 * once something earlier was found.
 */
export class PathTrie<T> {
  /** The first rank at or below this node. */
  least = Number.POSITIVE_INFINITY;
  readonly #literals = new Map<number, Literal<T>>();
  #parameter: PathTrie<T> | undefined;
  /** Of patterns that end here. */
  readonly #ending: Candidate<T>[] = [];
  /** Of patterns after which anything may follow. */
  readonly #open: Candidate<T>[] = [];

  /** Adds a route. Those added earlier come before it in the order. */
  add(candidate: Candidate<T>, { segments, isPrefix }: PathPattern): void {
    let node: PathTrie<T> = this;
    node.#reaches(candidate);
    for (const segment of segments) {
      if ("literal" in segment) {
        node = node.#literalNode(segment.literal);
      } else {
        node.#parameter ??= new PathTrie();
        node = node.#parameter;
      }
      node.#reaches(candidate);
    }
    (isPrefix ? node.#open : node.#ending).push(candidate);
  }

  /**
   * The first route that a request matches, if it comes before `best`; else `best`.
   *
   * @param path The view's.
   */
  first(view: RequestView, path: string, best: Candidate<T> | undefined): Candidate<T> | undefined {
    if (path.charCodeAt(0) === SLASH) return this.#firstAt(view, path, 1, best);
    return firstOf(this.#open, view, best);
  }

  /** @param start Where the next segment begins; beyond the path's length if there is none. */
  #firstAt(
    view: RequestView,
    path: string,
    start: number,
    best: Candidate<T> | undefined,
  ): Candidate<T> | undefined {
    const { length } = path;
    let found = best;
    if (start > length) {
      found = firstOf(this.#ending, view, found);
    } else if (this.#literals.size > 0 || this.#parameter !== undefined) {
      let hash = FNV_OFFSET;
      let end = start;
      for (; end < length; end++) {
        const code = path.charCodeAt(end);
        if (code === SLASH) break;
        hash = Math.imul(hash ^ code, FNV_PRIME);
      }
      const literal = this.#literalAt(path, start, end, hash);
      if (literal !== undefined && isBefore(literal, found)) {
        found = literal.#firstAt(view, path, end + 1, found);
      }
      const parameter = this.#parameter;
      if (parameter !== undefined && end > start && isBefore(parameter, found)) {
        found = parameter.#firstAt(view, path, end + 1, found);
      }
    }
    return firstOf(this.#open, view, found);
  }

  #literalAt(path: string, start: number, end: number, hash: number): PathTrie<T> | undefined {
    let literal = this.#literals.get(hash);
    while (literal !== undefined) {
      const { text } = literal;
      if (text.length === end - start && path.startsWith(text, start)) return literal.node;
      literal = literal.next;
    }
    return undefined;
  }

  #literalNode(text: string): PathTrie<T> {
    let hash = FNV_OFFSET;
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
    }
    const known = this.#literalAt(text, 0, text.length, hash);
    if (known !== undefined) return known;
    const node = new PathTrie<T>();
    this.#literals.set(hash, { text, node, next: this.#literals.get(hash) });
    return node;
  }

  #reaches({ rank }: Candidate<T>): void {
    this.least = Math.min(this.least, rank);
  }
}

/** Whether there may be something before `best` in this node. */
function isBefore<T>({ least }: PathTrie<T>, best: Candidate<T> | undefined): boolean {
  return best === undefined || least < best.rank;
}

/** FNV-1a, as 32 bits with a sign, which engines have as whole numbers. */
const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
