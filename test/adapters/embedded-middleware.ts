/**
 * A load balancer behind a chain of middlewares: ours, and some as a user would write them. The environment says how
 * it reaches the backends and how it takes its clients' connections, as for `fixture.ts`.
 */
import { createLoadBalancer } from "../../src/load-balancer.ts";
import { compose, MIDDLEWARES, RequestScope } from "../../src/middleware/index.ts";
import type { Middleware } from "../../src/middleware/middleware.ts";
import type { ClientInfo } from "../../src/proxy/client.ts";
import { MemoryState } from "../../src/shared-state/memory.ts";
import { systemClock, systemRandom } from "../../src/system.ts";
import { http1Transport } from "../../src/transport/http1.ts";
import { serve } from "./fixture-serve.ts";

const tell = (line: object) => console.log(JSON.stringify(line));
const deps = {
  clock: systemClock,
  random: systemRandom,
  shared: new MemoryState(),
  place: "middleware",
  warn: (reason: string) => tell({ refused: reason }),
};

/** Makes a request anew in the way that the web has for it. */
const anew: Middleware = (request, next) => {
  const way = request.headers.get("x-anew");
  if (way === "fields") {
    const headers = new Headers(request.headers);
    headers.set("x-made", "anew");
    return next(new Request(request, { headers }));
  }
  return next(way === "url" ? new Request(`${request.url}&made=anew`, request) : request);
};

const faulty: Middleware = (request, next) => {
  if (request.headers.has("x-faulty")) throw new Error("as asked for");
  return next(request);
};

const balancer = createLoadBalancer(
  JSON.parse(process.argv[2] ?? "{}"),
  process.env.FIXTURE_TRANSPORT === "http1" ? { transport: http1Transport() } : {},
);
const chain = compose(
  [
    MIDDLEWARES.responseHeaders({ remove: ["server"], set: [["x-answered", "yes"]], add: [] }),
    faulty,
    MIDDLEWARES.requestId({ header: "x-request-id", keepTrusted: true, inResponse: true }),
    MIDDLEWARES.stripPrefix({ prefix: "/api", forwardedPrefix: true }),
    MIDDLEWARES.limits({ maxRequestBytes: 100_000, maxResponseBytes: 100_000, maxHeaderBytes: undefined }),
    MIDDLEWARES.requestHeaders({
      remove: [],
      set: [
        ["host", "inner.test"],
        ["x-set", "1"],
      ],
      add: [],
    }),
    anew,
  ],
  (request, { client }) => balancer.fetch(request, client),
  (error, middleware) => tell({ failed: { url: middleware, reason: String(error) } }),
);
const scope = { route: "all", trustedProxies: [], nowMs: () => deps.clock.nowMs() };
const service = {
  fetch: (request: Request, client?: ClientInfo) => chain(request, new RequestScope(scope, request, client)),
};
const listener = await serve(service, { port: 0, hostname: "127.0.0.1" });
tell({ url: listener.url });
