/**
 * A load balancer behind middlewares, as a program: what it balances over and `[name, options]` of each middleware
 * are given as JSON in the first argument. The environment says what `fixture.ts` says it does.
 */
import { createLoadBalancer } from "../../src/load-balancer.ts";
import { Kept, MIDDLEWARES } from "../../src/middleware/index.ts";
import type { Middleware, MiddlewareDeps } from "../../src/middleware/middleware.ts";
import { MemoryState } from "../../src/shared-state/memory.ts";
import { systemClock, systemRandom } from "../../src/system.ts";
import { http1Transport } from "../../src/transport/http1.ts";
import { behind, rulesOf } from "../middleware/behind.ts";
import { serve } from "./fixture-serve.ts";

/** What the program is told. */
export interface BehindMiddlewares {
  readonly backends: readonly string[];
  readonly middlewares: readonly (readonly [name: Parameters<typeof rulesOf>[0], options: unknown])[];
}

const { backends, middlewares } = JSON.parse(process.argv[2] ?? "{}") as BehindMiddlewares;
const isHttp1 = process.env.FIXTURE_TRANSPORT === "http1";
const balancer = createLoadBalancer(
  { backends, healthCheck: false },
  isHttp1 ? { transport: http1Transport() } : {},
);
const deps: MiddlewareDeps = {
  clock: systemClock,
  random: systemRandom,
  shared: new MemoryState(),
  kept: new Kept(),
  place: "middleware",
  warn: (reason) => console.log(JSON.stringify({ warned: reason })),
};
const chain = middlewares.map(([name, options]) => {
  const make = MIDDLEWARES[name] as (rules: unknown, deps: MiddlewareDeps) => Middleware;
  return make(rulesOf(name, options), deps);
});
const listener = await serve({ fetch: behind(chain, balancer.fetch) }, { port: 0, hostname: "127.0.0.1" });
console.log(JSON.stringify({ url: listener.url }));
