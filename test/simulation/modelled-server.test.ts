import { expect, test } from "bun:test";
import fc from "fast-check";
import { Outcome } from "../../src/core/outcome.ts";
import { seededRandom } from "../../src/core/random.ts";
import { type Caller, type Job, Jobs } from "../../src/simulation/jobs.ts";
import { type Conditions, JOB_DONE, ModelledServer, SOUND } from "../../src/simulation/modelled-server.ts";
import { VirtualTime } from "../../src/simulation/virtual-time.ts";

/** A caller that notes how it was settled, and when. */
class NotingCaller implements Caller {
  readonly workMs: number;
  readonly settlements: [atMs: number, outcome: Outcome][] = [];
  readonly #time: VirtualTime;

  constructor(workMs: number, time: VirtualTime) {
    this.workMs = workMs;
    this.#time = time;
  }

  settled(outcome: Outcome): void {
    this.settlements.push([this.#time.nowMs(), outcome]);
  }
}

function setUp(concurrency: number, conditions: Partial<Conditions> = {}) {
  const time = new VirtualTime(0, 10_000);
  const jobs = new Jobs();
  const server = new ModelledServer(0, concurrency, time, jobs, seededRandom(1));
  server.conditions = { ...SOUND, ...conditions };
  const call = (workMs: number) => {
    const caller = new NotingCaller(workMs, time);
    return { caller, job: server.take(caller) };
  };
  const run = (untilMs = Number.POSITIVE_INFINITY) => {
    while (time.nowMs() < untilMs) {
      const kind = time.next();
      if (kind < 0) return;
      if (kind === JOB_DONE) server.finish(jobs.at(time.subject));
    }
  };
  return { time, jobs, server, call, run };
}

test("so many are worked on at once, the others in the order in which they came", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 20 }),
      (concurrency, works) => {
        const { jobs, call, run } = setUp(concurrency);
        const calls = works.map((workMs) => call(workMs));
        run();
        // Each takes the place that is free first.
        const freeMs = new Array<number>(concurrency).fill(0);
        const expected = works.map((workMs) => {
          const place = freeMs.indexOf(Math.min(...freeMs));
          freeMs[place] = (freeMs[place] as number) + workMs;
          return [[freeMs[place], Outcome.ok]];
        });
        expect(calls.map(({ caller }) => caller.settlements)).toEqual(expected as never);
        expect(jobs.size).toBe(0);
      },
    ),
  );
});

test("a slow one takes longer; one that answers with errors is quick about it; a reset takes its time", () => {
  const outcomes = (conditions: Partial<Conditions>) => {
    const { call, run } = setUp(1, conditions);
    const { caller } = call(10);
    run();
    return caller.settlements;
  };
  expect(outcomes({ slowness: 10 })).toEqual([[100, Outcome.ok]]);
  expect(outcomes({ errors: 1 })).toEqual([[1, Outcome.serverError]]);
  expect(outcomes({ unavailable: 1 })).toEqual([[1, Outcome.gatewayError]]);
  expect(outcomes({ resets: 1 })).toEqual([[10, Outcome.reset]]);
});

test("it refuses as often as it is told to, and always while it is down", () => {
  const { server, call } = setUp(1_000, { refusals: 0.25 });
  const refused = () =>
    Array.from({ length: 2_000 }, () => call(1).job).filter((job) => job === undefined).length;
  // 500 are expected, with a standard deviation of 19.
  expect(Math.abs(refused() - 500)).toBeLessThan(100);
  server.crash();
  expect([server.isUp, refused()]).toEqual([false, 2_000]);
});

test("a check meets what any connection meets, and 503 as any request, but no error of the application", () => {
  const { server } = setUp(1, { resets: 1, errors: 1 });
  const answers = () => {
    const chance = seededRandom(3);
    const found = Array.from({ length: 2_000 }, () => server.answerCheck(chance));
    return ["refused", "answered 503", "answered 200"].map(
      (answer) => found.filter((other) => other === answer).length,
    );
  };
  expect(answers()).toEqual([0, 0, 2_000]);
  server.conditions = { ...SOUND, refusals: 0.5, unavailable: 0.5 };
  const [refused = 0, unavailable = 0] = answers();
  // 1,000 and 500 are expected, with standard deviations of 22 and 19.
  expect(Math.abs(refused - 1_000)).toBeLessThan(110);
  expect(Math.abs(unavailable - 500)).toBeLessThan(100);
  server.conditions = SOUND;
  server.crash();
  expect(answers()).toEqual([2_000, 0, 0]);
});

test("a crash tells everybody who waits, once, and leaves nothing behind", () => {
  const { time, jobs, server, call, run } = setUp(2);
  const calls = [10, 20, 30, 40].map((workMs) => call(workMs));
  run(5);
  time.after(5, () => server.crash());
  run();
  expect(calls.map(({ caller }) => caller.settlements)).toEqual([
    [[10, Outcome.ok]],
    ...[20, 30, 40].map((): [number, Outcome][] => [[15, Outcome.reset]]),
  ]);
  expect([jobs.size, time.pending]).toEqual([0, 0]);
  server.restart();
  const { caller } = call(7);
  run();
  expect(caller.settlements).toEqual([[22, Outcome.ok]]);
});

test("nobody is told of what was abandoned: what waits is dropped, what is worked on keeps its place", () => {
  const { jobs, server, call, run } = setUp(1);
  const [working, waiting, last] = [call(10), call(10), call(10)];
  server.abandon(waiting.job as Job);
  server.abandon(working.job as Job);
  expect(server.callers).toBe(1);
  run();
  expect([working.caller.settlements, waiting.caller.settlements]).toEqual([[], []]);
  expect(last.caller.settlements).toEqual([[20, Outcome.ok]]);
  expect([server.callers, jobs.size]).toEqual([0, 0]);
});

test("what is worked on when conditions change goes on as before", () => {
  const { server, call, run } = setUp(1);
  const [first, second] = [call(10), call(10)];
  server.conditions = { ...SOUND, slowness: 3 };
  run();
  expect([first.caller.settlements, second.caller.settlements]).toEqual([
    [[10, Outcome.ok]],
    [[40, Outcome.ok]],
  ]);
});
