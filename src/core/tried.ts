import type { Backend } from "./backend.ts";
import type { Retries } from "./retries.ts";

/** The backends that were tried for one request, and when each of them may be tried again. */
export class Tried {
  /** In the order of the tries; one that was tried twice is there twice. */
  readonly backends: Backend[] = [];
  /** Until when each may not be tried, in the clock's milliseconds, where it said so. */
  readonly #heldUntilMs = new Map<Backend, number>();
  #waits = 0;

  /** A backend was tried. */
  add(backend: Backend): void {
    this.backends.push(backend);
  }

  /** A backend said that it is of no use before this moment, in the clock's milliseconds. */
  hold(backend: Backend, untilMs: number): void {
    this.#heldUntilMs.set(backend, Math.max(untilMs, this.#heldUntil(backend)));
  }

  /** Whether it was tried. */
  has(backend: Backend): boolean {
    return this.backends.includes(backend);
  }

  /** Whether there is a backend among these that was not tried, and has room. */
  leaves(ready: readonly Backend[]): boolean {
    return ready.some((backend) => !backend.isFull && !this.has(backend));
  }

  /**
   * How long the next try has to wait, in milliseconds: not at all while there is a backend that was not tried;
   * else as long as the back-off, and until the first of them may be tried again. For ever if none ever may.
   *
   * @param ready Where the try could go: at least one.
   */
  waitMs(ready: readonly Backend[], nowMs: number, retries: Retries): number {
    if (this.leaves(ready)) return 0;
    const firstMs = ready.reduce((ms, backend) => Math.min(ms, this.#heldUntil(backend)), FOR_EVER);
    const backOff = retries.backOffMs(this.#waits);
    this.#waits += 1;
    return Math.max(backOff, firstMs - nowMs);
  }

  /** The backend, or another one of `ready` if it may not be tried yet; undefined if none may. */
  allowed(backend: Backend | undefined, ready: readonly Backend[], nowMs: number): Backend | undefined {
    if (backend === undefined || this.#heldUntil(backend) <= nowMs) return backend;
    return ready.find((other) => !other.isFull && this.#heldUntil(other) <= nowMs);
  }

  /** Whether some of these may not be tried yet. */
  isHeldBy(ready: readonly Backend[], nowMs: number): boolean {
    return this.#heldUntilMs.size > 0 && ready.some((backend) => this.#heldUntil(backend) > nowMs);
  }

  /** The first of these that may be tried as soon as it has room. Undefined if none may. */
  firstAllowed(ready: readonly Backend[], nowMs: number): Backend | undefined {
    return ready.find((backend) => this.#heldUntil(backend) <= nowMs);
  }

  #heldUntil(backend: Backend): number {
    return this.#heldUntilMs.get(backend) ?? 0;
  }
}

const FOR_EVER = Number.POSITIVE_INFINITY;
