import type { Backend } from "../backend.ts";
import type { LanesPreview } from "../lane-turns.ts";
import { rounded } from "../picking/chances.ts";
import type { Prospect } from "../picking/preview.ts";
import { type Pool, REDRAWS } from "../pool.ts";

/**
 * The most looks at a picker for one forecast. It takes more than one only where backends are full, and more than a few
 * only where many are full and it is up to chance which of them is met first.
 */
const MOST_LOOKS = 400;

/** What a pick from a pool would be, with those passed over that have no room. */
export interface PoolForecast {
  /** What the choice goes by, in words; empty if no backend gets traffic. */
  readonly rule: string;
  /** The tier that the request goes to. Undefined if no backend gets traffic. */
  readonly tier: number | undefined;
  /** What part of the requests each tier gets, in the order of the tiers. */
  readonly shares: readonly { readonly tier: number; readonly share: number }[];
  /** Whether chances are known. They are not with a picker that cannot say, or where far too many backends are full. */
  readonly isKnown: boolean;
  /** What there is to say of backends that a draw may find. The chances are of being chosen in the end. */
  readonly prospects: ReadonlyMap<Backend, Prospect>;
}

/**
 * What `Pool.pick` would do for a request that was tried nowhere before. Nothing notices: no turn is taken, and no
 * chance drawn.
 *
 * @param key As the pool's `keySource` says; empty for none.
 */
export function forecastPick(pool: Pool, key: string, nowMs: number): PoolForecast {
  const forecast = new Forecast(pool, key, nowMs);
  forecast.draw([], 1);
  return forecast.result();
}

class Forecast {
  readonly #pool: Pool;
  readonly #key: string;
  readonly #nowMs: number;
  readonly #lanes: LanesPreview;
  readonly #prospects = new Map<Backend, Prospect>();
  readonly #chances = new Map<Backend, number>();
  #rule = "";
  #tier: number | undefined;
  #isKnown = true;
  #looks = 0;

  constructor(pool: Pool, key: string, nowMs: number) {
    this.#pool = pool;
    this.#key = key;
    this.#nowMs = nowMs;
    this.#lanes = pool.preview();
  }

  /**
   * Looks at one draw, and at those that follow where it finds a backend without room.
   *
   * @param passed Those that were found full before.
   * @param chance How likely it is that it comes to this draw.
   */
  draw(passed: readonly Backend[], chance: number): void {
    this.#looks += 1;
    if (this.#looks > MOST_LOOKS) {
      this.#isKnown = false;
      return;
    }
    const next = this.#lanes.next(this.#key, passed.length, this.#nowMs, passed);
    if (next === undefined) return;
    if (passed.length === 0) {
      this.#rule = next.rule;
      this.#tier = next.tier;
    }
    if (next.prospects.length === 0) this.#isKnown = false;
    for (const prospect of next.prospects) this.#note(prospect, passed.length > 0);
    for (const prospect of next.prospects) {
      if (prospect.chance > 0) this.#follow(prospect.backend, passed, chance * prospect.chance);
    }
  }

  result(): PoolForecast {
    const prospects = [...this.#prospects.values()].map((prospect) => {
      const chance = rounded(this.#chances.get(prospect.backend) ?? 0);
      return [prospect.backend, { ...prospect, chance }] as const;
    });
    return {
      rule: this.#rule,
      tier: this.#tier,
      shares: this.#lanes.shares,
      isKnown: this.#isKnown,
      prospects: new Map(prospects),
    };
  }

  /** What the first draw said of a backend stays, unless a later one chooses it. */
  #note(prospect: Prospect, isRedraw: boolean): void {
    const { backend, chance } = prospect;
    const before = this.#prospects.get(backend);
    if (before === undefined) this.#prospects.set(backend, prospect);
    else if (isRedraw && chance > 0 && before.chance === 0) {
      this.#prospects.set(backend, { ...prospect, score: before.score });
    }
  }

  #follow(backend: Backend, passed: readonly Backend[], chance: number): void {
    const { room } = this.#pool;
    if (!backend.isFull) this.#add(backend, chance);
    else if (room.isEmpty) return;
    else if (passed.length < REDRAWS) this.draw([...passed, backend], chance);
    else this.#takeRoomy(room.following as Backend, chance);
  }

  /** After too many that were full, it is one with room whose turn it is. */
  #takeRoomy(backend: Backend, chance: number): void {
    this.#add(backend, chance);
    const before = this.#prospects.get(backend);
    if (before !== undefined && before.chance > 0) return;
    const reason = `its turn among those that have room, after ${REDRAWS + 1} draws met none`;
    this.#prospects.set(backend, { backend, chance, score: before?.score ?? "", reason });
  }

  #add(backend: Backend, chance: number): void {
    this.#chances.set(backend, (this.#chances.get(backend) ?? 0) + chance);
  }
}
