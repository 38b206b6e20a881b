import type { Backend } from "./backend.ts";
import type { Balancer } from "./balancer.ts";
import type { Stickiness } from "./sticky.ts";
import { Tried } from "./tried.ts";

/** Where one request goes: by its key, its session, and what was tried for it before. */
export abstract class Destination {
  protected readonly balancer: Balancer;
  /** Only once a try has failed: most requests need none. */
  protected tried: Tried | undefined;
  /** When the next try begins, in the clock's milliseconds. */
  #nowMs = 0;
  #key = "";
  #session = "";

  constructor(balancer: Balancer) {
    this.balancer = balancer;
  }

  /** When the next try begins, in the clock's milliseconds. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Begins with another request. */
  protected restart(key: string, session: string, nowMs: number): void {
    this.#key = key;
    this.#session = session;
    this.#nowMs = nowMs;
    this.tried = undefined;
  }

  /** Whether the request is one of a session. */
  protected get hasSession(): boolean {
    return this.#session !== "";
  }

  /** Reads the clock. */
  protected lookAtClock(): void {
    this.#nowMs = this.balancer.nowMs();
  }

  /** Notes that a backend was tried, and reads the clock. */
  protected triedAlso(backend: Backend): Tried {
    this.lookAtClock();
    this.tried ??= new Tried();
    this.tried.add(backend);
    return this.tried;
  }

  /** Where it goes of those that have room; undefined if it may go to none of them. */
  choose(nowMs: number): Backend | undefined {
    this.#nowMs = nowMs;
    const { stickiness } = this.balancer;
    return stickiness === undefined ? this.#pick() : this.#ofSession(stickiness);
  }

  /**
   * The one backend that it waits for if that is full: its session's, or one that may be tried where others may
   * not be yet. Undefined if any will do.
   */
  wanted(nowMs: number): Backend | undefined {
    this.#nowMs = nowMs;
    const { pool } = this.balancer;
    const own = this.ownBackend;
    if (own !== undefined || this.tried?.isHeldBy(pool.ready, nowMs) !== true) return own;
    return this.tried.firstAllowed(pool.ready, nowMs);
  }

  /** The session's own backend, unless a try there has failed. */
  protected get ownBackend(): Backend | undefined {
    const own = this.balancer.stickiness?.backendOf(this.#session, this.#nowMs);
    return own === undefined || this.tried?.has(own) === true ? undefined : own;
  }

  /** Whether there is a backend that it may go to, be it full. */
  protected get isAnyAllowed(): boolean {
    const { ready } = this.balancer.pool;
    const { tried } = this;
    const isReady =
      tried === undefined ? ready.length > 0 : tried.firstAllowed(ready, this.#nowMs) !== undefined;
    return isReady || this.ownBackend !== undefined;
  }

  /** The backend of a second try beside another one: one that was not tried, and has room. */
  protected another(tried: Tried): Backend | undefined {
    const another = this.balancer.pick(this.#key, tried.backends, this.#nowMs);
    return another !== undefined && tried.backends.includes(another) ? undefined : another;
  }

  #pick(): Backend | undefined {
    const { tried } = this;
    const backend = this.balancer.pick(this.#key, tried?.backends, this.#nowMs);
    return tried === undefined ? backend : tried.allowed(backend, this.balancer.pool.ready, this.#nowMs);
  }

  #ofSession(stickiness: Stickiness): Backend | undefined {
    const own = this.ownBackend;
    if (own !== undefined && !own.isFull) return own;
    const backend = this.#pick();
    if (backend !== undefined) stickiness.bind(this.#session, backend, this.#nowMs);
    return backend;
  }
}
