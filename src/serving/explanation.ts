import type { PoolVerdict } from "../core/explanation/pool-verdict.ts";
import type { KeySource } from "../core/picking/picker.ts";
import type { RouteVerdict } from "../routing/route-table.ts";

/** Where a request would go if it came now, and why. Plain data, that can be JSON. */
export interface Explanation {
  /** What was looked at. */
  readonly request: ExplainedRequest;
  /** What becomes of the request, in words: `goes to http://10.0.0.7:8081 in pool api`. */
  readonly outcome: string;
  /** The name of the route that takes it; null if none does, or none is asked. */
  readonly route: string | null;
  /** All routes in the order in which they are asked. None if the balancer answers without asking them. */
  readonly routes: readonly RouteVerdict[];
  /** What stands in the path for the parameters of the route's pattern. */
  readonly params: Readonly<Record<string, string>>;
  /** What the request passes, in this order: a middleware's name, the name of a function, or its number, from 1 on. */
  readonly middleware: readonly string[];
  /** The pools that the route's requests go to, with those that get none at the moment. */
  readonly pools: readonly PoolExplanation[];
  /** The pool that gets copies; null if none does. */
  readonly mirror: MirrorExplanation | null;
  /** What else is to be known, a sentence each. */
  readonly notes: readonly string[];
}

/** A request as routes see it. */
export interface ExplainedRequest {
  readonly method: string;
  /** In lower case, without port; empty if none is named. */
  readonly host: string;
  /** As it is compared: dot segments removed, escapes of unreserved characters decoded. */
  readonly path: string;
  /** Without `?`; empty if there is none. */
  readonly query: string;
  /** The client's address, as trusted proxies say; empty if nobody knows. */
  readonly client: string;
}

/** A pool that a request may go to. */
export interface PoolExplanation extends PoolVerdict {
  /** Its name. */
  readonly pool: string;
  /** Its part of the route's requests, from 0 to 1. */
  readonly share: number;
  /** Whether the request goes to this one of the route's pools. */
  readonly isChosen: boolean;
  /** Why it does, or does not. */
  readonly reason: string;
  /** The name of its algorithm; `own` for a picker of the user's own. */
  readonly algorithm: string;
  /** What the algorithm goes by of the request; null if it looks at nothing. An empty value is none. */
  readonly key: { readonly source: KeySource; readonly value: string } | null;
}

/** A pool that gets copies of requests. */
export interface MirrorExplanation {
  /** Its name. */
  readonly pool: string;
  /** How many of the route's requests are copied, in percent. */
  readonly percent: number;
}
