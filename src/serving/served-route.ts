import type { ResolvedMiddleware } from "../config/middleware/entry.ts";
import type { RouteSettings } from "../config/routes.ts";
import type { RelayService } from "../front/relay-service.ts";
import { UpgradingClient } from "../front/upgrading-client.ts";
import {
  type ChainDeps,
  compose,
  createMiddlewares,
  middlewareNames,
  RequestScope,
} from "../middleware/index.ts";
import type { Middleware, MiddlewareFault, RequestContext } from "../middleware/middleware.ts";
import type { ClientInfo } from "../proxy/client.ts";
import type { Forwarder } from "../proxy/forwarder.ts";
import { NO_ROUTE, problemResponse } from "../proxy/problem.ts";
import type { ForwardingRules } from "../proxy/request.ts";
import type { RequestView } from "../routing/request-view.ts";
import { type Part, Split } from "../routing/split.ts";
import { webView } from "../routing/web-view.ts";
import type { MirrorExplanation } from "./explanation.ts";
import { Mirror } from "./mirror.ts";
import type { RouteLimits, ServedPool } from "./served-pool.ts";

/** A pool as a route needs it, in both ways. */
export interface Target {
  readonly pool: ServedPool;
  readonly forwarder: Forwarder;
  /** Undefined if the transport takes no bytes. */
  readonly relay: RelayService | undefined;
}

/** What all routes of a config stand on. */
export interface RouteSupport {
  /** What a route sends its requests to. Undefined if there is no such pool. */
  readonly target: (pool: string, limits: RouteLimits) => Target | undefined;
  readonly forwarding: ForwardingRules;
  readonly deps: ChainDeps;
  /** What requests pass before what their route says. */
  readonly middleware: readonly Middleware[];
  /** The entries of the config that these were made of. */
  readonly middlewareEntries: readonly ResolvedMiddleware[];
  /** Told of a middleware that failed. */
  readonly onMiddlewareFault: MiddlewareFault;
}

/** What a route does with a request, as far as the route says. */
export interface RouteForecast {
  /** What it passes, in this order. */
  readonly middleware: readonly string[];
  /** The pools that it may go to; those without a weight come last. */
  readonly parts: readonly Part<Target>[];
  /** Null if no requests are copied. */
  readonly mirror: MirrorExplanation | null;
  /** How urgent it is where requests wait. Undefined for what is usual. */
  readonly priority: number | undefined;
}

/**
 * One route, ready to serve. Where nothing looks at its requests on the way they are relayed as bytes; where a
 * middleware does, or copies are made, each is a `Request` that passes the chain, which was made once.
 */
export class ServedRoute {
  readonly name: string;
  /** Where requests go if there is but one pool. */
  readonly #only: Target | undefined;
  /** Undefined if no request goes to any pool. */
  readonly #split: Split<Target> | undefined;
  /** Of a split, those that get nothing at the moment. */
  readonly #idle: readonly Target[];
  readonly #mirror: Mirror | undefined;
  /** Undefined where there is no middleware. */
  readonly #chain: ReturnType<typeof compose> | undefined;
  readonly #scope: ConstructorParameters<typeof RequestScope>[0];
  readonly #told: Omit<RouteForecast, "parts">;

  constructor(settings: RouteSettings, support: RouteSupport) {
    const { target, forwarding, deps, middleware, onMiddlewareFault } = support;
    const { name, pool, split, mirror } = settings;
    this.name = name;
    const limits = limitsOf(settings);
    const weights = split?.pools ?? (pool === undefined ? {} : { [pool]: 1 });
    const shares = Object.entries(weights).flatMap(([to, weight]) => {
      const found = target(to, limits);
      return found === undefined ? [] : [{ to: found, weight }];
    });
    if (shares.length === 1) this.#only = shares[0]?.to;
    else if (shares.length > 1) this.#split = new Split(shares, split?.by);
    this.#idle = shares.filter(({ weight }) => weight === 0).map(({ to }) => to);
    const shadow = mirror === undefined ? undefined : target(mirror.pool, {});
    if (mirror !== undefined && shadow !== undefined) {
      this.#mirror = new Mirror(shadow.forwarder, mirror.percent, deps.random);
    }
    const { clock } = deps;
    this.#scope = { route: name, trustedProxies: forwarding.trustedProxies, nowMs: () => clock.nowMs() };
    const own = createMiddlewares(settings.middleware, `routes.${name}.middleware`, deps);
    this.#told = {
      middleware: middlewareNames([...support.middlewareEntries, ...settings.middleware]),
      mirror: mirror ?? null,
      priority: settings.queuePriority,
    };
    const all = [...middleware, ...own];
    if (all.length > 0) {
      const last = (request: Request, { client }: RequestContext) => this.#forward(request, client);
      this.#chain = compose(all, last, (error, which) => onMiddlewareFault(name, which, error));
    }
  }

  /** What all its requests are relayed with. Undefined if that depends on the request, or `answer` has to answer. */
  get onlyService(): RelayService | undefined {
    return this.#isWeb ? undefined : this.#only?.relay;
  }

  /** What a request is relayed with. Undefined if `answer` has to answer it. */
  serviceFor(view: RequestView): RelayService | undefined {
    return this.#isWeb ? undefined : (this.#only ?? this.#split?.choose(view))?.relay;
  }

  /**
   * Answers a request. Never rejects.
   *
   * @param params What stands in its path for the parameters of the route's pattern.
   */
  answer(
    request: Request,
    client: ClientInfo | undefined,
    params: Readonly<Record<string, string>> | undefined,
  ): Promise<Response> {
    return this.#chain === undefined
      ? this.#forward(request, client)
      : this.#chain(request, new RequestScope(this.#scope, request, client, params));
  }

  /** What it would do with a request. Takes no turn. */
  explain(view: RequestView): RouteForecast {
    const only = this.#only;
    const parts =
      only === undefined
        ? (this.#split?.explain(view) ?? [])
        : [{ to: only, share: 1, isChosen: true, reason: "the route has no other" }];
    const idle = only === undefined ? this.#idle : [];
    return {
      ...this.#told,
      parts: [...parts, ...idle.map((to) => ({ to, share: 0, isChosen: false, reason: "its weight is 0" }))],
    };
  }

  /** Whether anybody reads `params`. */
  get usesParams(): boolean {
    return this.#chain !== undefined;
  }

  /** Whether its requests have to be a `Request`. */
  get #isWeb(): boolean {
    return this.#chain !== undefined || this.#mirror !== undefined;
  }

  #forward(request: Request, client: ClientInfo | undefined): Promise<Response> {
    const target = this.#only ?? this.#split?.choose(webView(request, client, this.#scope.trustedProxies));
    // Its middlewares were to answer, and one has let this through.
    if (target === undefined) return Promise.resolve(problemResponse(NO_ROUTE));
    if (client instanceof UpgradingClient && target.relay !== undefined && request.body === null) {
      return Promise.resolve(client.relay(target.relay, request));
    }
    if (this.#mirror === undefined) return target.forwarder.forward(request, client);
    const mirrored = this.#mirror.copied(request, client);
    if (!(mirrored instanceof Promise)) return target.forwarder.forward(mirrored, client);
    return mirrored.then((same) =>
      same instanceof Request ? target.forwarder.forward(same, client) : problemResponse(same),
    );
  }
}

function limitsOf({ timeoutMs, requestTimeoutMs, queuePriority }: RouteSettings): RouteLimits {
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    ...(queuePriority === undefined ? {} : { priority: queuePriority }),
  };
}
