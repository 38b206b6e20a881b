import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import { pauseOn } from "../proxy/pause.ts";
import { problemResponse } from "../proxy/problem.ts";
import type { Middleware, MiddlewareDeps } from "./middleware.ts";

/** What goes wrong on purpose. */
export interface FaultRules {
  /** Undefined for none. */
  readonly delay?: DelayRules | undefined;
  /** Undefined for none. */
  readonly abort?: AbortRules | undefined;
}

/** Some requests wait. */
export interface DelayRules {
  /** How long, in milliseconds. */
  readonly delayMs: number;
  /** How many of a hundred. */
  readonly percent: number;
}

/** Some requests fail. */
export interface AbortRules {
  /** What they are answered with, 400 to 599. */
  readonly status: number;
  /** How many of a hundred, of those that wait and of those that do not. */
  readonly percent: number;
}

/** Chances are counted in millionths: a hundredth of a percent of a percent still happens. */
const CERTAIN = 1_000_000;

/** Lets requests wait or fail by chance, to see what those who send them make of it. */
export function createFaults(rules: FaultRules, { clock, random }: MiddlewareDeps): Middleware {
  const { delay, abort } = rules;
  const after: Clock["after"] = (delayMs, fn) => clock.after(delayMs, fn);
  const happens = chanceOf(random);
  const fails = abort === undefined ? () => false : () => happens(abort.percent);
  const problem = {
    status: abort?.status ?? 500,
    title: "Injected Fault",
    detail: "This request was chosen to fail.",
  };
  return async function faults(request, next, { client }) {
    if (delay !== undefined && happens(delay.percent)) {
      const isThere = await pauseOn(after, delay.delayMs, request, client);
      // Nobody reads it; nginx's number for it, should it be logged.
      if (!isThere) return new Response(null, { status: 499 });
    }
    return fails() ? problemResponse(problem) : next(request);
  };
}

function chanceOf(random: Random): (percent: number) => boolean {
  return (percent) => random.below(CERTAIN) < (percent / 100) * CERTAIN;
}
