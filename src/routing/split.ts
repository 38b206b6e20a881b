import type { SplitKey } from "../config/split.ts";
import { FairTurns, TurnTaker } from "../core/picking/fair-turns.ts";
import { keyHash } from "../core/picking/key-hash.ts";
import { cookieIn } from "../proxy/cookie.ts";
import type { RequestView } from "./request-view.ts";

/** One part of a split. */
export interface Share<T> {
  /** What gets the requests. */
  readonly to: T;
  /** How many, relative to the others: a whole number from 0 on. */
  readonly weight: number;
}

/** What a split says of one of its parts and a request. */
export interface Part<T> {
  readonly to: T;
  /** Its part of all requests, from 0 to 1. */
  readonly share: number;
  /** Whether the request goes there. */
  readonly isChosen: boolean;
  /** Why it does, or does not. */
  readonly reason: string;
}

/**
 * Divides requests among several, by weight.
 *
 * By a key, all requests with the same one go to the same part, in every process and after every start. The hashes of
 * keys lie on a line that is cut at the sums of the weights, in the order given. If a weight changes only those keys
 * move over which a cut passes: of 5 % that become 10 % beside 95 % that become 90 %, just those 5 %. Among more than
 * two it is as few if what one loses its neighbour gets.
 *
 * Without a key, or for a request that has none, each has its turn, and at every moment the parts have had what is
 * due to them, give or take less than one request.
 */
export class Split<T> {
  readonly #key: ((view: RequestView) => string) | undefined;
  readonly #shares: readonly Share<T>[];
  /** Where each part ends, out of 2³². */
  readonly #cuts: Float64Array;
  readonly #turns: FairTurns<SplitTurns<T>> | undefined;

  /**
   * @param shares In an order that stays, with at least one weight above 0.
   * @param by Undefined: turns.
   */
  constructor(shares: readonly Share<T>[], by: SplitKey | undefined) {
    this.#shares = shares.filter(({ weight }) => weight > 0);
    this.#key = by === undefined || this.#shares.length < 2 ? undefined : keyIn(by);
    this.#cuts = cutsOf(this.#shares);
    const takers = this.#shares.map((share) => new SplitTurns(share));
    this.#turns = takers.length < 2 ? undefined : new FairTurns(takers, new Array(takers.length).fill(0));
  }

  /** Where a request goes. Without a key it takes a turn. */
  choose(view: RequestView): T {
    const turns = this.#turns;
    if (turns === undefined) return (this.#shares[0] as Share<T>).to;
    const key = this.#keyOf(view);
    return key === "" ? turns.next().to : (this.#shares[this.#placeOf(key)] as Share<T>).to;
  }

  /** Where a request would go, without taking a turn: each part, in the order given. */
  explain(view: RequestView): Part<T>[] {
    const shares = this.#shares;
    const total = shares.reduce((sum, { weight }) => sum + weight, 0);
    const key = this.#keyOf(view);
    const isByKey = this.#turns !== undefined && key !== "";
    const chosen = isByKey ? this.#placeOf(key) : this.#placeOfTurn();
    return shares.map(({ to, weight }, place) => {
      const isChosen = place === chosen;
      const reason =
        shares.length < 2
          ? "no other gets any"
          : isByKey
            ? `the key ${JSON.stringify(shortened(key))} falls in ${isChosen ? "its" : "another's"} part`
            : `it is ${isChosen ? "its" : "another's"} turn`;
      return { to, share: weight / total, isChosen, reason };
    });
  }

  #keyOf(view: RequestView): string {
    return this.#key === undefined ? "" : this.#key(view);
  }

  #placeOf(key: string): number {
    const cuts = this.#cuts;
    const hash = keyHash(key, SEED);
    let part = 0;
    while (hash >= (cuts[part] as number)) part++;
    return part;
  }

  #placeOfTurn(): number {
    const places = new Map<SplitTurns<T>, number>();
    const turns = this.#turns?.copy(({ to, portion, order }) => {
      const copy = new SplitTurns({ to, weight: portion });
      places.set(copy, order);
      return copy;
    });
    return turns === undefined ? 0 : (places.get(turns.next()) as number);
  }
}

class SplitTurns<T> extends TurnTaker {
  readonly to: T;

  constructor({ to, weight }: Share<T>) {
    super(weight);
    this.to = to;
  }
}

function cutsOf(shares: readonly Share<unknown>[]): Float64Array {
  const total = shares.reduce((sum, { weight }) => sum + weight, 0);
  let sum = 0;
  return Float64Array.from(shares, ({ weight }) => {
    sum += weight;
    return Math.round((sum / total) * HASHES);
  });
}

/** Works out the key of a request; empty if it has none. */
function keyIn(by: SplitKey): (view: RequestView) => string {
  if (by === "ip") return (view) => view.clientAddress;
  const name = by.slice(by.indexOf(":") + 1);
  if (by.startsWith("cookie:")) return (view) => cookieIn(view.header("cookie") ?? "", name) ?? "";
  const field = name.toLowerCase();
  return (view) => view.header(field) ?? "";
}

/** So much of a key is shown: it may be a whole cookie. */
const MOST_OF_A_KEY = 60;

function shortened(key: string): string {
  return key.length > MOST_OF_A_KEY ? `${key.slice(0, MOST_OF_A_KEY)}…` : key;
}

const HASHES = 2 ** 32;

/** Another hash than that by which pools choose: what a key says there must not follow from its part here. */
const SEED = 0x5717;
