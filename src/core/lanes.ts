import type { Backend } from "./backend.ts";
import { LanesPreview, laneOfKey, type Owed, owedMost } from "./lane-turns.ts";
import type { KeySource, Picker } from "./picking/picker.ts";
import type { TierShare } from "./tiers.ts";

/** One tier's picker, and its part of the traffic. */
interface Lane extends Owed {
  readonly tier: number;
  readonly picker: Picker;
}

/**
 * The pickers of a pool, one for each tier that gets traffic, and the split between them. Nearly always there
 * is one, and the split costs a comparison.
 *
 * With several, each request goes to the one that is owed most (nginx's smooth weighted round robin), so
 * that at no time has any had a whole request more than its share. Requests that have a key are
 * split by the key instead: the same key stays in one tier while the shares stay.
 */
export class Lanes {
  /** What the pickers want as their key. */
  readonly keySource: KeySource | undefined;
  /** Whether the pickers want to be told of exchanges that begin and end. */
  readonly isListening: boolean;
  /** The picker, while there is but one. */
  only: Picker | undefined;
  readonly #makePicker: () => Picker;
  /** One for each tier that has ever got traffic; tiers are few, by their range. */
  readonly #byTier = new Map<number, Lane>();
  #lanes: readonly Lane[] = [];
  /** The tier that `only` belongs to. */
  #onlyTier = -1;
  /** One that is made already, for the first tier that needs one. */
  #spare: Picker | undefined;

  /** @param makePicker Makes a picker with no backends yet; all are alike. */
  constructor(makePicker: () => Picker) {
    this.#makePicker = makePicker;
    this.#spare = makePicker();
    this.keySource = this.#spare.keySource;
    this.isListening = this.#spare.begun !== undefined || this.#spare.ended !== undefined;
  }

  /** Takes in new shares, and tells the pickers. */
  rebuild(shares: readonly TierShare[], members: readonly Backend[]): void {
    const before = this.#lanes;
    this.#lanes = shares.map(({ tier, backends, share }) => {
      const lane = this.#laneOf(tier);
      lane.share = share;
      lane.picker.rebuild(backends, members);
      return lane;
    });
    for (const lane of before) {
      if (this.#lanes.includes(lane)) continue;
      lane.share = 0;
      // It must not hold on to backends that may leave the pool.
      lane.picker.rebuild([], members);
    }
    const isAlone = this.#lanes.length === 1;
    this.only = isAlone ? this.#lanes[0]?.picker : undefined;
    this.#onlyTier = isAlone ? (shares[0] as TierShare).tier : -1;
  }

  /**
   * Chooses a backend, without regard to who has room. Undefined if none gets traffic.
   *
   * @param avoid Another is chosen while there is one, in the tier whose turn it is.
   */
  draw(key: string, nowMs: number, avoid: readonly Backend[]): Backend | undefined {
    if (this.only !== undefined) return this.only.pick(key, nowMs, avoid);
    if (this.#lanes.length === 0) return undefined;
    const lane = key === "" ? owedMost(this.#lanes) : laneOfKey(this.#lanes, key);
    return lane.picker.pick(key, nowMs, avoid);
  }

  /** What the next draws would be, as things are. */
  preview(): LanesPreview {
    return new LanesPreview(
      this.#lanes.map(({ tier, share, credit, picker }) => ({
        tier,
        share,
        credit,
        picks: picker.preview?.(),
      })),
    );
  }

  /** An exchange has begun. */
  begun(backend: Backend): void {
    this.#pickerOf(backend)?.begun?.(backend);
  }

  /** An exchange has ended. */
  ended(backend: Backend): void {
    this.#pickerOf(backend)?.ended?.(backend);
  }

  #pickerOf(backend: Backend): Picker | undefined {
    return backend.tier === this.#onlyTier ? this.only : this.#byTier.get(backend.tier)?.picker;
  }

  #laneOf(tier: number): Lane {
    let lane = this.#byTier.get(tier);
    if (lane === undefined) {
      lane = { tier, picker: this.#spare ?? this.#makePicker(), share: 0, credit: 0 };
      this.#spare = undefined;
      this.#byTier.set(tier, lane);
    }
    return lane;
  }
}
