import type { ClientInfo } from "../proxy/client.ts";
import { Outbound } from "../proxy/outbound.ts";
import { NO_ROUTE } from "../proxy/problem.ts";
import { type ForwardingRules, outboundOf } from "../proxy/request.ts";
import type { RequestView } from "../routing/request-view.ts";
import type { RouteTable } from "../routing/route-table.ts";
import type { Explanation, PoolExplanation } from "./explanation.ts";
import type { ServedRoute } from "./served-route.ts";

/** What has a request, and what is known of it. */
interface Asked {
  readonly request: Request;
  /** Undefined if nobody knows. */
  readonly client: ClientInfo | undefined;
  readonly view: RequestView;
}

/** Explains a request that the balancer answers with its own status. */
export function explainStatus(view: RequestView): Explanation {
  return { ...blank(view), outcome: "is answered with the balancer's own status" };
}

/**
 * Explains a request by the routes of a config. Nothing is done, and nothing notices.
 *
 * @param forwarding How requests are passed on.
 */
export function explainByRoutes(
  table: RouteTable<ServedRoute>,
  forwarding: ForwardingRules,
  asked: Asked,
): Explanation {
  const { request, client, view } = asked;
  const routes = table.explain(view);
  const match = table.match(view);
  if (match === undefined) {
    return { ...blank(view), routes, outcome: `is answered ${NO_ROUTE.status}: no route is for it` };
  }
  const { middleware, parts, mirror, priority } = match.payload.explain(view);
  const pools = parts.map(({ to: { pool }, ...part }): PoolExplanation => {
    return { pool: pool.name, ...part, ...pool.explain(request, client, forwarding, priority) };
  });
  const refusal = pools.length === 0 ? undefined : refusalOf(asked, forwarding);
  const notes = [
    ...(middleware.length > 0 && pools.length > 0 ? [MIDDLEWARE_NOTE] : []),
    ...(refusal === undefined ? [] : [REFUSED_NOTE]),
  ];
  return {
    ...blank(view),
    outcome: outcomeOf(pools, middleware.length > 0, refusal),
    route: match.name,
    routes,
    params: { ...match.params(view.path) },
    middleware,
    pools,
    mirror,
    notes,
  };
}

const MIDDLEWARE_NOTE =
  "A middleware may answer the request itself, or change it: the pools are explained for the request as it came.";

const REFUSED_NOTE = "As it came, no backend is sent the request, whatever the pools say.";

function blank(view: RequestView): Explanation {
  const { method, host, path, query, clientAddress: client } = view;
  return {
    request: { method, host, path, query, client },
    outcome: "",
    route: null,
    routes: [],
    params: {},
    middleware: [],
    pools: [],
    mirror: null,
    notes: [],
  };
}

function outcomeOf(
  pools: readonly PoolExplanation[],
  hasMiddleware: boolean,
  refusal: string | undefined,
): string {
  const pool = pools.find(({ isChosen }) => isChosen);
  if (pool === undefined) return `is answered by a middleware, or else ${NO_ROUTE.status}`;
  const outcome = refusal ?? `${pool.outcome} in pool ${pool.pool}`;
  return hasMiddleware ? `passes its middlewares, and ${outcome}` : outcome;
}

/** What is wrong with a request that no backend is sent. */
function refusalOf({ request, client }: Asked, forwarding: ForwardingRules): string | undefined {
  const outbound = outboundOf(request, client, forwarding);
  return outbound instanceof Outbound ? undefined : `is answered ${outbound.status}: ${outbound.detail}`;
}
