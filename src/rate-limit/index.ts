import type { Meter, RateAlgorithm, RateRules } from "./meter.ts";
import { SlidingWindow } from "./sliding-window.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Every algorithm by its name. A new one is a file beside this, and a line here. */
export const METERS: Readonly<Record<RateAlgorithm, new (rules: RateRules, entries: number) => Meter>> = {
  "sliding-window": SlidingWindow,
  "token-bucket": TokenBucket,
};
