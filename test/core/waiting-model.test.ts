import { expect, test } from "bun:test";
import fc from "fast-check";
import { Attempts } from "../../src/core/attempts.ts";
import type { Backend } from "../../src/core/backend.ts";
import { Balancer } from "../../src/core/balancer.ts";
import { Outcome } from "../../src/core/outcome.ts";
import { rankOf } from "../../src/core/queue.ts";
import { seededRandom } from "../../src/core/random.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

const MOST_WAITING = 4;
const TIMEOUT_MS = 1_000;
const REQUEST_MS = 1_500;
/** How much later than asked a wait may end. */
const LATE_MS = 100;

interface Command {
  readonly kind: "come" | "end" | "fail" | "leave" | "advance" | "down" | "up" | "limits" | "hurry";
  readonly at: number;
  readonly priority: number;
}

const command: fc.Arbitrary<Command> = fc.record({
  kind: fc.constantFrom(
    "come",
    "come",
    "come",
    "end",
    "end",
    "fail",
    "leave",
    "advance",
    "down",
    "up",
    "limits",
    "hurry",
  ),
  at: fc.nat({ max: 1_000 }),
  priority: fc.nat({ max: 9 }),
});

/** A request, and what the model knows of it. */
class Guest {
  readonly attempts: Attempts;
  readonly priority: number;
  readonly arrivedMs: number;
  isRetry = false;
  order = 0;
  waitsSinceMs = -1;
  backend: Backend | undefined;
  /** How often it was told that it is over. */
  endings = 0;

  constructor(attempts: Attempts, priority: number, arrivedMs: number) {
    this.attempts = attempts;
    this.priority = priority;
    this.arrivedMs = arrivedMs;
  }

  get rank(): number {
    return rankOf(this.priority, this.isRetry);
  }
}

/** The balancer beside a list that is sorted anew for each question. */
class World {
  readonly clock = new VirtualClock();
  readonly balancer: Balancer;
  readonly guests: Guest[] = [];
  /** When so many have their turn, others are answered before anybody hears of anything. */
  hurried = 0;
  #order = 0;

  constructor(limits: readonly number[]) {
    this.balancer = new Balancer(
      {
        backends: limits.map((maxInFlight, index) => ({ ...sampleSpec(index), maxInFlight })),
        algorithm: "round-robin",
        health: { rise: 1, fall: 1, checked: true },
        retry: { retries: 3, retryOn: ["reset"] },
        queue: { maxWaiting: MOST_WAITING, timeoutMs: TIMEOUT_MS },
      },
      this.clock,
      seededRandom(1),
      () => {},
    );
  }

  /** In the order in which they have to go. */
  get waiting(): Guest[] {
    return this.guests
      .filter(({ waitsSinceMs }) => waitsSinceMs >= 0)
      .sort((a, b) => a.rank - b.rank || a.order - b.order);
  }

  get placed(): Guest[] {
    return this.guests.filter(({ backend }) => backend !== undefined);
  }

  come(priority: number): void {
    const rules = { timeoutMs: REQUEST_MS, tryTimeoutMs: 0, requestTimeoutMs: 0 };
    const guest = new Guest(new Attempts(this.balancer, rules), priority, this.clock.nowMs());
    this.guests.push(guest);
    guest.attempts.admit("", "", priority);
    this.#attempt(guest);
  }

  end(guest: Guest, outcome: Outcome): void {
    const { backend, attempts } = guest;
    guest.backend = undefined;
    this.balancer.end(backend as Backend, outcome, "");
    if (outcome === Outcome.ok || !attempts.mayTryAgain(backend as Backend, outcome, true, true)) {
      guest.endings += 1;
      return;
    }
    guest.isRetry = true;
    this.clock.advance(attempts.waitMs);
    this.#attempt(guest);
  }

  endAll(): void {
    for (let [guest] = this.placed; guest !== undefined; [guest] = this.placed) this.end(guest, Outcome.ok);
  }

  leave(guest: Guest): void {
    expect(guest.attempts.leave()).toBe(true);
    guest.waitsSinceMs = -1;
    guest.endings += 1;
  }

  #attempt(guest: Guest): void {
    const { attempts } = guest;
    const backend = attempts.next();
    if (backend !== undefined) {
      this.#begin(guest, backend);
      return;
    }
    const waiting = this.waiting;
    const last = waiting.at(-1);
    this.#order += 1;
    guest.order = this.#order;
    guest.waitsSinceMs = this.clock.nowMs();
    if (attempts.wait((granted) => this.#over(guest, granted))) {
      // Whoever had to give up its place is the last one, and only if there was none left.
      const isFull = waiting.length === MOST_WAITING;
      if (isFull) expect([(last as Guest).rank > guest.rank, last?.endings]).toEqual([true, 1]);
      expect(this.waiting).toHaveLength(Math.min(waiting.length + 1, MOST_WAITING));
      return;
    }
    guest.waitsSinceMs = -1;
    guest.endings += 1;
    if (this.balancer.pool.ready.length === 0) {
      expect(attempts.refusal).toBe("no-backend");
    } else {
      expect([attempts.refusal, waiting.length]).toEqual(["queue-full", MOST_WAITING]);
      expect(last?.rank).toBeLessThanOrEqual(guest.rank);
    }
  }

  #over(guest: Guest, backend: Backend | undefined): void {
    const nowMs = this.clock.nowMs();
    const waitedMs = nowMs - guest.waitsSinceMs;
    const { refusal } = guest.attempts;
    if (backend !== undefined) expect(this.waiting[0]).toBe(guest);
    else if (refusal === "queue-timeout") expect(waitedMs).toBeGreaterThanOrEqual(TIMEOUT_MS);
    else if (refusal === "request-timeout")
      expect(nowMs - guest.arrivedMs).toBeGreaterThanOrEqual(REQUEST_MS);
    else if (refusal === "no-backend") expect(this.balancer.pool.ready).toEqual([]);
    else expect(this.waiting.at(-1)).toBe(guest);
    expect(waitedMs).toBeLessThanOrEqual(TIMEOUT_MS + LATE_MS);
    guest.waitsSinceMs = -1;
    if (backend === undefined) guest.endings += 1;
    else this.#begin(guest, backend);
    if (backend === undefined || this.hurried === 0) return;
    this.hurried -= 1;
    for (const other of this.placed.slice(0, 2)) this.end(other, Outcome.ok);
  }

  #begin(guest: Guest, backend: Backend): void {
    expect([backend.isFull, backend.isReady, guest.backend]).toEqual([false, true, undefined]);
    guest.backend = backend;
    this.balancer.begin(backend, guest.attempts.nowMs);
  }

  /** What has to be true between two events. */
  look(): void {
    const { balancer } = this;
    const waiting = this.waiting;
    expect(balancer.waiting?.size).toBe(waiting.length);
    expect(balancer.inFlight).toBe(this.placed.length);
    expect(waiting.length).toBeLessThanOrEqual(MOST_WAITING);
    if (waiting.length === 0) return;
    expect(balancer.pool.ready.length).toBeGreaterThan(0);
    expect(balancer.pool.ready.filter(({ isFull }) => !isFull)).toEqual([]);
  }
}

test("whatever happens: no room is left while one waits, the next is always the most urgent, and all get told once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      fc.array(command, { maxLength: 80, size: "max" }),
      (limits, commands) => {
        const world = new World(limits);
        const { balancer, clock } = world;
        for (const { kind, at, priority } of commands) {
          const member = balancer.pool.members[at % limits.length] as Backend;
          const placed = world.placed[at % Math.max(1, world.placed.length)];
          const waiting = world.waiting[at % Math.max(1, world.waiting.length)];
          if (kind === "come") world.come(priority);
          else if (kind === "end" && placed !== undefined) world.end(placed, Outcome.ok);
          else if (kind === "fail" && placed !== undefined) world.end(placed, Outcome.reset);
          else if (kind === "leave" && waiting !== undefined) world.leave(waiting);
          else if (kind === "advance") clock.advance(at);
          else if (kind === "down" || kind === "up") {
            balancer.health.checked(member, kind === "up", "", clock.nowMs());
          } else if (kind === "hurry") world.hurried = at % 4;
          else if (kind === "limits") {
            const more = limits.map((limit, index) => ({
              ...sampleSpec(index),
              maxInFlight: limit + (at % 3),
            }));
            balancer.setBackends(more);
          }
          world.look();
        }
        world.endAll();
        clock.advance(TIMEOUT_MS + LATE_MS);
        world.look();
        world.endAll();
        expect(world.guests.filter(({ endings }) => endings !== 1)).toEqual([]);
        expect([balancer.underWay, balancer.waiting?.size, clock.pending]).toEqual([0, 0, 0]);
      },
    ),
    { numRuns: 300 },
  );
});

test("a queue keeps nothing of those who have left it, however many there were", () => {
  const world = new World([1]);
  world.come(5);
  const { waiting } = world.balancer;
  for (let round = 0; round < 10_000; round++) {
    world.come(round % 10);
    world.come(5);
    const [first] = world.waiting;
    if (first !== undefined) world.leave(first);
    world.guests.splice(1, world.guests.length - 1, ...world.waiting);
    expect(waiting?.size).toBeLessThanOrEqual(MOST_WAITING);
  }
  for (const guest of world.waiting) world.leave(guest);
  expect([waiting?.size, world.clock.pending]).toEqual([0, 1]);
  world.clock.advance(LATE_MS);
  expect(world.clock.pending).toBe(0);
});
