import { MATCHES_ALL } from "../config/match-rules.ts";
import type { ResolvedConfig } from "../config/resolved-config.ts";
import { asksFor } from "../front/own-path.ts";
import type { RelayService } from "../front/relay-service.ts";
import { RelayView } from "../front/relay-view.ts";
import type { RequestReader } from "../front/request-reader.ts";
import { type ChainDeps, createMiddlewares } from "../middleware/index.ts";
import type { MiddlewareFault } from "../middleware/middleware.ts";
import type { ClientInfo } from "../proxy/client.ts";
import { NO_ROUTE, problemResponse } from "../proxy/problem.ts";
import type { ForwardingRules } from "../proxy/request.ts";
import { RouteTable } from "../routing/route-table.ts";
import { webView } from "../routing/web-view.ts";
import { explainByRoutes, explainStatus } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import type { RouteLimits, ServedPool } from "./served-pool.ts";
import { ServedRoute, type Target } from "./served-route.ts";

/**
 * All that one config serves with: its routes over its pools. It never changes; another config makes another one over
 * the same pools, and requests that are under way go on by the one that they came by.
 */
export class Site {
  readonly #statusPath: string | false;
  readonly #statusBytes: Uint8Array;
  readonly #forwarding: ForwardingRules;
  readonly #table: RouteTable<ServedRoute>;
  /** The route, if it is the only one and takes all requests: then none has to be looked at. */
  readonly #sole: ServedRoute | undefined;
  /** What all requests are relayed with, if that is the same for all. */
  readonly #soleService: RelayService | undefined;
  /** A request is looked at and done with before the next one. */
  readonly #view = new RelayView();

  /** @param pools All that the routes name. */
  constructor(
    config: ResolvedConfig,
    pools: ReadonlyMap<string, ServedPool>,
    deps: ChainDeps,
    onMiddlewareFault: MiddlewareFault,
  ) {
    const { trustedProxies, forwarded, statusPath, routes } = config;
    const forwarding = { trustedProxies, forwarded };
    this.#statusPath = statusPath;
    this.#statusBytes = new TextEncoder().encode(statusPath === false ? "" : statusPath);
    this.#forwarding = forwarding;
    const middleware = createMiddlewares(config.middleware, "middleware", deps);
    const target = targetsOf(pools, forwarding);
    const middlewareEntries = config.middleware;
    const support = { target, forwarding, deps, middleware, middlewareEntries, onMiddlewareFault };
    this.#table = new RouteTable(
      routes.map((settings) => ({ ...settings, payload: new ServedRoute(settings, support) })),
    );
    if (routes.length === 1 && routes[0]?.match === MATCHES_ALL) this.#sole = this.#table.routes[0]?.payload;
    this.#soleService = this.#sole?.onlyService;
  }

  /** Whether a request is for the balancer itself: its status. Without parsing its URL. */
  asksForStatus({ url }: Request): boolean {
    const path = this.#statusPath;
    if (path === false) return false;
    const start = url.indexOf("/", url.indexOf("://") + 3);
    if (!url.startsWith(path, start)) return false;
    const after = url.charCodeAt(start + path.length);
    return Number.isNaN(after) || after === 0x3f || after === 0x23;
  }

  /** What a request of bytes is relayed with. Undefined if `answer` has to answer it, or the balancer itself. */
  serviceFor(reader: RequestReader, client: ClientInfo): RelayService | undefined {
    if (asksFor(this.#statusBytes, reader)) return undefined;
    if (this.#soleService !== undefined) return this.#soleService;
    const view = this.#view.of(reader, client, this.#forwarding.trustedProxies);
    return this.#table.match(view)?.payload.serviceFor(view);
  }

  /** Answers a request. Never rejects. */
  answer(request: Request, client: ClientInfo | undefined): Promise<Response> {
    if (this.#sole !== undefined) return this.#sole.answer(request, client, undefined);
    const view = webView(request, client, this.#forwarding.trustedProxies);
    const match = this.#table.match(view);
    if (match === undefined) return Promise.resolve(problemResponse(NO_ROUTE));
    const route = match.payload;
    return route.answer(request, client, route.usesParams ? match.params(view.path) : undefined);
  }

  /** What would become of a request, and why. Nothing notices. */
  explain(request: Request, client: ClientInfo | undefined): Explanation {
    const view = webView(request, client, this.#forwarding.trustedProxies);
    if (this.asksForStatus(request)) return explainStatus(view);
    return explainByRoutes(this.#table, this.#forwarding, { request, client, view });
  }
}

/** Gives routes their pools, the same to those that go by the same limits: a connection keeps a relay for each. */
function targetsOf(
  pools: ReadonlyMap<string, ServedPool>,
  forwarding: ForwardingRules,
): (name: string, limits: RouteLimits) => Target | undefined {
  const made = new Map<string, Target>();
  return (name, limits) => {
    const pool = pools.get(name);
    if (pool === undefined) return undefined;
    const key = JSON.stringify([name, limits]);
    const known = made.get(key);
    if (known !== undefined) return known;
    const target = {
      pool,
      forwarder: pool.forwarder(forwarding, limits),
      relay: pool.relay(forwarding, limits),
    };
    made.set(key, target);
    return target;
  };
}
