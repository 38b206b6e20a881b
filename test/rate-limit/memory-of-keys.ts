/** Counts a request of each of a million keys, and says by how much the process has grown. */
import { KeyedLimiter } from "../../src/rate-limit/keyed-limiter.ts";
import type { RateAlgorithm } from "../../src/rate-limit/meter.ts";

const KEYS = 1_000_000;
const algorithm = process.argv[2] as RateAlgorithm;
// The sliding window takes most for limits of more than 31 requests.
const rules = { algorithm, requests: 1_000, windowMs: 3_600_000, burst: 5 };

function filled(maxKeys: number): KeyedLimiter {
  const limiter = new KeyedLimiter({ ...rules, maxKeys }, [1, 2]);
  for (let index = 0; index < KEYS; index++) {
    // What the keys' texts leave behind is not the limiter's.
    if (index % 50_000 === 0) Bun.gc(true);
    limiter.take(`2001:db8:${(index >> 16).toString(16)}:${(index & 0xffff).toString(16)}::`, 5_000);
  }
  return limiter;
}

// What the runtime itself takes to run this is not either.
filled(1);
const before = process.memoryUsage().rss;
const limiter = filled(KEYS);
const megabytes = (process.memoryUsage().rss - before) / 1e6;
console.log(JSON.stringify({ keys: limiter.size, megabytes }));
