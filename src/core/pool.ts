import { Backend, type BackendSpec, Exclusion } from "./backend.ts";
import type { LanesPreview } from "./lane-turns.ts";
import { Lanes } from "./lanes.ts";
import type { KeySource, Picker } from "./picking/picker.ts";
import { Room } from "./room.ts";
import type { SlowStart } from "./slow-start.ts";
import { splitTraffic, type TierRules } from "./tiers.ts";

const NOBODY: readonly Backend[] = [];

/** Draws in which a picker may find one that has room, after one that has none. */
export const REDRAWS = 2;

/** What of the config decides who is ready. Every key has a default. */
export interface PoolRules extends Partial<TierRules> {
  /** The limit of backends that have none of their own; 0 is no limit. Default 0. */
  readonly maxInFlight?: number;
}

/**
 * The backends that share one stream of requests, and which of them are ready for it.
 *
 * `ready` is an immutable snapshot: a change of membership, of health or of weights makes a new array and tells
 * the pickers, once, away from any request. A request in the middle of a pick never sees it move.
 */
export class Pool {
  /** Every backend, available or not, in the order given. */
  members: readonly Backend[] = [];
  /** The backends that requests go to now. */
  ready: readonly Backend[] = [];
  /** Whether requests go to backends that are out as well (see `splitTraffic`). */
  isPanicking = false;
  /** Which of the ready ones have room for another exchange. */
  readonly room = new Room();
  #lanes: Lanes;
  /** The picker, while there is but one: nearly always, and it saves a call. */
  #only: Picker | undefined;
  #maxInFlight: number;
  #tierRules: TierRules;
  #slowStart: SlowStart | undefined;

  /**
   * @param makePicker Makes a picker with no backends yet; each tier has its own.
   * @param slowStart Sets the weights. Default: nobody, and they are as configured.
   */
  constructor(
    specs: readonly BackendSpec[],
    makePicker: () => Picker,
    { maxInFlight = 0, overprovisioning = 0, panicThreshold = 0 }: PoolRules = {},
    slowStart?: SlowStart,
  ) {
    this.#lanes = new Lanes(makePicker);
    this.#maxInFlight = maxInFlight;
    this.#tierRules = { overprovisioning, panicThreshold };
    this.#slowStart = slowStart;
    this.set(specs);
  }

  /**
   * Goes by other rules from now on; backends stay as they are. `set` has to follow.
   *
   * @param makePicker Makes pickers that begin anew. Undefined to go on with those that there are.
   */
  reconfigure(
    makePicker: (() => Picker) | undefined,
    { maxInFlight = 0, overprovisioning = 0, panicThreshold = 0 }: PoolRules,
    slowStart: SlowStart | undefined,
  ): void {
    if (makePicker !== undefined) this.#lanes = new Lanes(makePicker);
    this.#maxInFlight = maxInFlight;
    this.#tierRules = { overprovisioning, panicThreshold };
    this.#slowStart = slowStart;
  }

  /**
   * Makes `specs` the membership. A backend whose origin stays keeps its health, counters and average;
   * one that left ends its exchanges and gets no new ones.
   *
   * @param specs Backends with origins that differ from one another.
   */
  set(specs: readonly BackendSpec[]): void {
    const kept = new Map(this.members.map((backend) => [backend.id, backend]));
    this.members = specs.map((spec) => {
      const backend = kept.get(spec.origin) ?? new Backend(spec);
      backend.ownWeight = spec.weight;
      backend.weight = spec.weight;
      backend.tier = spec.tier;
      backend.maxInFlight = spec.maxInFlight ?? this.#maxInFlight;
      backend.rise = spec.rise ?? 0;
      backend.fall = spec.fall ?? 0;
      if (spec.drain === true) backend.exclude(Exclusion.draining);
      else backend.include(Exclusion.draining);
      return backend;
    });
    this.refresh();
  }

  /** Makes `ready` anew. To be called after any change of a member's availability, weight or tier. */
  refresh(): void {
    this.#slowStart?.weigh(this.members);
    const { shares, isPanic } = splitTraffic(this.members, this.#tierRules);
    this.isPanicking = isPanic;
    this.ready = shares.flatMap(({ backends }) => backends);
    this.room.rebuild(this.ready);
    this.#lanes.rebuild(shares, this.members);
    this.#only = this.#lanes.only;
  }

  /** What the pickers want as their key. */
  get keySource(): KeySource | undefined {
    return this.#lanes.keySource;
  }

  /**
   * Chooses one of the ready backends; undefined if there is none, or none has room.
   *
   * @param avoid Another is chosen while there is one.
   */
  pick(key: string, avoid: readonly Backend[] | undefined, nowMs: number): Backend | undefined {
    const only = this.#only;
    const passed = avoid ?? NOBODY;
    const backend = only === undefined ? this.#lanes.draw(key, nowMs, passed) : only.pick(key, nowMs, passed);
    if (backend === undefined) return undefined;
    if (!backend.isFull && (avoid === undefined || !avoid.includes(backend))) return backend;
    return this.#pickAnother(backend, key, passed, nowMs);
  }

  /** What the pickers would do, as things are, without regard to who has room. */
  preview(): LanesPreview {
    return this.#lanes.preview();
  }

  /** Whether the pickers want to be told of exchanges that begin and end. */
  get isListening(): boolean {
    return this.#lanes.isListening;
  }

  /** Tells the pickers of an exchange that has begun. */
  begun(backend: Backend): void {
    this.#lanes.begun(backend);
  }

  /** Tells the pickers of an exchange that has ended. */
  ended(backend: Backend): void {
    this.#lanes.ended(backend);
  }

  /** After a draw that is full, or to be avoided since no other is left in its tier. */
  #pickAnother(
    passedOver: Backend,
    key: string,
    avoid: readonly Backend[],
    nowMs: number,
  ): Backend | undefined {
    if (this.room.isEmpty) return undefined;
    // The picker's own order goes first; a few draws find one with room, unless most are full.
    const passed = [...avoid, passedOver];
    for (let draw = REDRAWS; draw > 0; draw--) {
      const backend = this.#lanes.draw(key, nowMs, passed);
      if (backend === undefined) break;
      if (!backend.isFull && !avoid.includes(backend)) return backend;
      passed.push(backend);
    }
    return this.room.another(avoid);
  }
}
