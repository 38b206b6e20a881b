import { expect, test } from "bun:test";
import fc from "fast-check";
import { seededRandom } from "../../src/core/random.ts";
import { type Job, JobQueue, Jobs } from "../../src/simulation/jobs.ts";
import { ModelledServer } from "../../src/simulation/modelled-server.ts";
import { VirtualTime } from "../../src/simulation/virtual-time.ts";

const CALLER = { workMs: 1, settled() {} };

function setUp() {
  const jobs = new Jobs();
  return { jobs, server: new ModelledServer(0, 1, new VirtualTime(0, 10), jobs, seededRandom(1)) };
}

test("jobs stand in the order in which they came, whoever leaves", () => {
  const steps = fc.array(fc.option(fc.nat(), { nil: undefined, freq: 3 }), { maxLength: 100 });
  fc.assert(
    fc.property(steps, (steps) => {
      const { jobs, server } = setUp();
      const queue = new JobQueue();
      const expected: Job[] = [];
      for (const leaver of steps) {
        if (leaver === undefined) {
          const job = jobs.begin(server, CALLER);
          queue.add(job);
          expected.push(job);
        } else if (expected.length > 0) {
          const [job] = expected.splice(leaver % expected.length, 1) as [Job];
          queue.remove(job);
          jobs.end(job);
        }
        const found: Job[] = [];
        for (let job = queue.first; job !== undefined; job = job.next) found.push(job);
        expect(found).toEqual(expected);
        expect([queue.size, jobs.size]).toEqual([expected.length, expected.length]);
      }
    }),
  );
});

test("a job that is over serves again, with nothing of the last one about it", () => {
  const { jobs, server } = setUp();
  const first = jobs.begin(server, CALLER);
  first.event = 5;
  jobs.end(first);
  const second = jobs.begin(server, CALLER);
  expect(second).toBe(first);
  expect([second.event, second.caller, jobs.at(second.number), jobs.size]).toEqual([-1, CALLER, second, 1]);
});
