/**
 * The program that `picking.ts` starts for each measurement: one process for each kind of balancer, since
 * in a real one the engine has seen only that kind, too. Prints its samples as JSON.
 *
 * Arguments: the algorithm, `equal` or `mixed` weights, `still` or `system` for the clock.
 */
import { Balancer } from "../../src/core/balancer.ts";
import type { Clock } from "../../src/core/clock.ts";
import { Outcome } from "../../src/core/outcome.ts";
import { ALGORITHMS, type Algorithm } from "../../src/core/picking/index.ts";
import { seededRandom } from "../../src/core/random.ts";
import { systemClock } from "../../src/system.ts";

const SAMPLES = 21;
const BATCH = 400_000;
const WARM_UP_BATCHES = 5;
/** Some clients, for algorithms that go by a key. */
const KEYS = Array.from({ length: 64 }, (_, index) => `client-${index}`);
const STILL_CLOCK: Clock = { nowMs: () => 1000, after: () => () => {} };

const [name, weights, clockName] = process.argv.slice(2);
const algorithm = ALGORITHMS.find((candidate) => candidate === name);
if (algorithm === undefined) throw new Error(`no algorithm is called ${name}`);
const clock = clockName === "system" ? systemClock : STILL_CLOCK;

const few = balancerOf(algorithm, 3);
const many = balancerOf(algorithm, 1000);
for (let batch = 0; batch < WARM_UP_BATCHES; batch++) {
  nanosAnOperation(few);
  nanosAnOperation(many);
}
const samples: { few: number; many: number }[] = [];
for (let sample = 0; sample < SAMPLES; sample++) {
  samples.push({ few: nanosAnOperation(few), many: nanosAnOperation(many) });
}
console.log(JSON.stringify(samples));

function balancerOf(algorithm: Algorithm, size: number): Balancer {
  const backends = Array.from({ length: size }, (_, index) => ({
    origin: `http://10.0.${index >> 8}.${index & 255}:8080`,
    weight: weights === "mixed" ? 1 + (index % 3) : 1,
    tier: 0,
  }));
  const health = { rise: 1, fall: 1, checked: true };
  const retry = { retries: 2, retryOn: [] };
  return new Balancer({ backends, algorithm, health, retry }, clock, seededRandom(1), () => {});
}

/** The decisions of one request: pick, begin, end. */
function nanosAnOperation(balancer: Balancer): number {
  const startNs = Bun.nanoseconds();
  for (let operation = 0; operation < BATCH; operation++) {
    const backend = balancer.pick(KEYS[operation & 63] ?? "", undefined, clock.nowMs());
    if (backend === undefined) throw new Error("no backend was picked");
    balancer.begin(backend);
    balancer.end(backend, Outcome.ok, "");
  }
  return (Bun.nanoseconds() - startNs) / BATCH;
}
