import { Backend, type BackendSpec } from "./backend.ts";
import type { Picker } from "./picking/picker.ts";
import { Room } from "./room.ts";

/**
 * The backends that share one stream of requests, and which of them are ready for it.
 *
 * `ready` is an immutable snapshot: a change of membership or of health makes a new array and tells
 * the picker, once, away from any request. A request in the middle of a pick never sees it move.
 */
export class Pool {
  /** Every backend, available or not, in the order given. */
  members: readonly Backend[] = [];
  /** The backends that requests go to now: the available ones of the lowest tier that has any. */
  ready: readonly Backend[] = [];
  /** Which of these have room for another exchange. */
  readonly room = new Room();
  readonly #picker: Picker;
  readonly #maxInFlight: number;

  /** @param maxInFlight The limit of backends that have none of their own; 0 is no limit. */
  constructor(specs: readonly BackendSpec[], picker: Picker, maxInFlight = 0) {
    this.#picker = picker;
    this.#maxInFlight = maxInFlight;
    this.set(specs);
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
      backend.weight = spec.weight;
      backend.tier = spec.tier;
      backend.maxInFlight = spec.maxInFlight ?? this.#maxInFlight;
      return backend;
    });
    this.refresh();
  }

  /** Makes `ready` anew. To be called after any change of a member's availability, weight or tier. */
  refresh(): void {
    let tier = Number.POSITIVE_INFINITY;
    for (const backend of this.members) if (backend.available && backend.tier < tier) tier = backend.tier;
    this.ready = this.members.filter((backend) => backend.available && backend.tier === tier);
    this.room.rebuild(this.ready);
    this.#picker.rebuild(this.ready, this.members);
  }
}
