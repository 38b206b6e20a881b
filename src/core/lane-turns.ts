import type { Backend } from "./backend.ts";
import { keyHash } from "./picking/key-hash.ts";
import type { PickForecast, PickPreview } from "./picking/preview.ts";

/** One of several that share a stream of requests. */
export interface Owed {
  /** Its part, from 0 to 1; 0 while it gets nothing. */
  share: number;
  /** What it is owed, in requests. */
  credit: number;
}

/** So that which tier a key goes to says nothing of which backend there. */
const SPLIT_SEED = 3;

/** The one that is owed most, which has the next request (nginx's smooth weighted round robin). @param lanes At least one. */
export function owedMost<L extends Owed>(lanes: readonly L[]): L {
  let most = lanes[0] as L;
  for (const lane of lanes) {
    lane.credit += lane.share;
    if (lane.credit > most.credit) most = lane;
  }
  most.credit -= 1;
  return most;
}

/** The one that has all requests with this key while the shares stay. @param lanes At least one. */
export function laneOfKey<L extends Owed>(lanes: readonly L[], key: string): L {
  let left = keyHash(key, SPLIT_SEED) / 0x1_0000_0000;
  for (const lane of lanes) {
    left -= lane.share;
    if (left < 0) return lane;
  }
  // What rounding has left over is the last one's.
  return lanes.at(-1) as L;
}

/** A copy of a lane, and what its picker would do. */
export interface LanePreview extends Owed {
  readonly tier: number;
  /** Undefined if its picker cannot say. */
  readonly picks: PickPreview | undefined;
}

/** What a draw would be. */
export interface DrawForecast extends PickForecast {
  /** The tier that it is from. */
  readonly tier: number;
}

/** What the next draws among the tiers would be. */
export class LanesPreview {
  readonly #lanes: readonly LanePreview[];
  /** Whose turn it is in the draws to come without a key. */
  readonly #turns: LanePreview[] = [];

  /** @param lanes Copies of their own. */
  constructor(lanes: readonly LanePreview[]) {
    this.#lanes = lanes;
  }

  /** What part of the requests each tier gets, in the order of the tiers. */
  get shares(): { readonly tier: number; readonly share: number }[] {
    return this.#lanes.map(({ tier, share }) => ({ tier, share }));
  }

  /**
   * What a draw would be. Undefined if none gets traffic.
   *
   * @param draw How many have gone before it.
   */
  next(key: string, draw: number, nowMs: number, avoid: readonly Backend[]): DrawForecast | undefined {
    const lane = this.#laneOf(key, draw);
    if (lane === undefined) return undefined;
    const forecast = lane.picks?.next(key, nowMs, avoid) ?? NOT_KNOWN;
    return { tier: lane.tier, ...forecast };
  }

  #laneOf(key: string, draw: number): LanePreview | undefined {
    const lanes = this.#lanes;
    if (lanes.length < 2) return lanes[0];
    if (key !== "") return laneOfKey(lanes, key);
    while (this.#turns.length <= draw) this.#turns.push(owedMost(lanes));
    return this.#turns[draw];
  }
}

const NOT_KNOWN: PickForecast = { rule: "a picker that has no preview", prospects: [] };
