import { type Backend, Exclusion, State } from "./backend.ts";
import { keyHash } from "./picking/key-hash.ts";

/**
 * What keeps sessions at their backends, whatever the algorithm is that gives each one its first. A session is a
 * text that its requests have in common; "" is none.
 */
export interface Stickiness {
  /**
   * Takes in the backends that there are, and which of them drain; sessions of any other are forgotten. Called
   * off the request's way.
   */
  rebuild(members: readonly Backend[], nowMs: number): void;
  /**
   * The backend of a session, if it may be given the session's requests, be it that it has no room at the moment.
   *
   * @param nowMs The clock's time.
   */
  backendOf(session: string, nowMs: number): Backend | undefined;
  /** The same for whoever only wants to know: nothing notices. */
  peek(session: string, nowMs: number): Backend | undefined;
  /** The algorithm has given a request of the session to this backend: the next ones are to follow. */
  bind(session: string, backend: Backend, nowMs: number): void;
}

/** Which backends keep the sessions that they have. */
export class SessionKeepers {
  readonly #drainGraceMs: number;
  /** Since when they drain, in the clock's milliseconds. */
  #drainingSinceMs: ReadonlyMap<Backend, number> = new Map();

  /** @param drainGraceMs How long a backend that drains keeps them, in milliseconds. */
  constructor(drainGraceMs: number) {
    this.#drainGraceMs = drainGraceMs;
  }

  /** Looks which backends drain. */
  rebuild(members: readonly Backend[], nowMs: number): void {
    const before = this.#drainingSinceMs;
    this.#drainingSinceMs = new Map(
      members
        .filter((backend) => backend.isExcluded(Exclusion.draining))
        .map((backend) => [backend, before.get(backend) ?? nowMs]),
    );
  }

  /**
   * Whether a backend is given the requests of its sessions: if it is available, whatever its tier, since what a
   * session has left there is nowhere else (as HAProxy does with `backup` servers). In panic also if it is not, and
   * for a while if that is for no other reason than that it drains. Whether it has room is another question.
   */
  keeps(backend: Backend, nowMs: number): boolean {
    if (backend.available || backend.isReady) return true;
    if (backend.state === State.down || backend.excluded !== Exclusion.draining) return false;
    const sinceMs = this.#drainingSinceMs.get(backend);
    return sinceMs !== undefined && nowMs - sinceMs < this.#drainGraceMs;
  }
}

/** How much a stick table remembers, and for how long. */
export interface StickTableRules {
  /** How long a backend that drains keeps its sessions, in milliseconds. */
  readonly drainGraceMs: number;
  /** The most sessions; beyond it the one that was quiet for longest is forgotten. */
  readonly maxSessions: number;
  /** How long a session may be quiet until it is forgotten, in milliseconds. */
  readonly idleTimeoutMs: number;
}

/** One session, in a ring in the order of use. */
interface Entry {
  key: number;
  backend: Backend | undefined;
  usedMs: number;
  newer: Entry;
  older: Entry;
}

/** How many sessions that are over are dropped for each new one: more than one, so that they become fewer. */
const DROPS = 2;

/**
 * Remembers which backend each session has (as HAProxy's stick tables do), in a memory that has a limit: a session
 * is kept as 53 bits of its hash, so it costs the same however long a client makes it. Two with the same hash share
 * a backend, which does no harm.
 */
export class StickTable implements Stickiness {
  readonly #maxSessions: number;
  readonly #idleTimeoutMs: number;
  readonly #keepers: SessionKeepers;
  readonly #entries = new Map<number, Entry>();
  /** In no table: `older` is the one used last, `newer` the one that was quiet for longest. */
  readonly #ring = ringStart();

  constructor({ drainGraceMs, maxSessions, idleTimeoutMs }: StickTableRules) {
    this.#keepers = new SessionKeepers(drainGraceMs);
    this.#maxSessions = maxSessions;
    this.#idleTimeoutMs = idleTimeoutMs;
  }

  /** How many sessions it remembers, some of which may be over. */
  get size(): number {
    return this.#entries.size;
  }

  rebuild(members: readonly Backend[], nowMs: number): void {
    this.#keepers.rebuild(members, nowMs);
    const known = new Set<Backend | undefined>(members);
    for (const entry of this.#entries.values()) if (!known.has(entry.backend)) this.#drop(entry);
  }

  backendOf(session: string, nowMs: number): Backend | undefined {
    if (session === "") return undefined;
    const entry = this.#entries.get(keyOf(session));
    if (entry?.backend === undefined) return undefined;
    if (this.#isOver(entry, nowMs)) {
      this.#drop(entry);
      return undefined;
    }
    if (!this.#keepers.keeps(entry.backend, nowMs)) return undefined;
    this.#use(entry, nowMs);
    return entry.backend;
  }

  peek(session: string, nowMs: number): Backend | undefined {
    const entry = session === "" ? undefined : this.#entries.get(keyOf(session));
    if (entry?.backend === undefined || this.#isOver(entry, nowMs)) return undefined;
    return this.#keepers.keeps(entry.backend, nowMs) ? entry.backend : undefined;
  }

  bind(session: string, backend: Backend, nowMs: number): void {
    if (session === "") return;
    const key = keyOf(session);
    const entry = this.#entries.get(key) ?? this.#add(key, nowMs);
    entry.backend = backend;
    this.#use(entry, nowMs);
  }

  #add(key: number, nowMs: number): Entry {
    for (let drops = DROPS; drops > 0; drops--) {
      const oldest = this.#ring.newer;
      if (oldest === this.#ring || !this.#isOver(oldest, nowMs)) break;
      this.#drop(oldest);
    }
    if (this.#entries.size >= this.#maxSessions) this.#drop(this.#ring.newer);
    const entry: Entry = { key, backend: undefined, usedMs: nowMs, newer: this.#ring, older: this.#ring };
    this.#entries.set(key, entry);
    return entry;
  }

  #isOver({ usedMs }: Entry, nowMs: number): boolean {
    return nowMs - usedMs >= this.#idleTimeoutMs;
  }

  #use(entry: Entry, nowMs: number): void {
    entry.usedMs = nowMs;
    const ring = this.#ring;
    if (ring.older === entry) return;
    unlink(entry);
    entry.older = ring.older;
    entry.newer = ring;
    ring.older.newer = entry;
    ring.older = entry;
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry.key);
    unlink(entry);
  }
}

function ringStart(): Entry {
  const start = { key: 0, backend: undefined, usedMs: 0 } as Entry;
  start.newer = start;
  start.older = start;
  return start;
}

/** Does nothing for an entry that is in no ring yet: both its neighbours are the ring's start. */
function unlink(entry: Entry): void {
  if (entry.older.newer === entry) entry.older.newer = entry.newer;
  if (entry.newer.older === entry) entry.newer.older = entry.older;
}

/** As many bits of a hash as a number holds exactly. */
function keyOf(session: string): number {
  return keyHash(session) * 0x20_0000 + (keyHash(session, OTHER_SEED) >>> 11);
}

const OTHER_SEED = 0x5bd1e995;
