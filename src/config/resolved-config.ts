import type { Cidr } from "./cidr.ts";
import type { ResolvedMiddleware } from "./middleware/entry.ts";
import type { ResolvedPool } from "./resolved.ts";
import type { RouteSettings } from "./routes.ts";

/** What holds for all pools. */
export interface ResolvedShared {
  readonly trustedProxies: readonly Cidr[];
  readonly forwarded: boolean;
  readonly statusPath: string | false;
  /** What all requests pass through before what their route says. */
  readonly middleware: readonly ResolvedMiddleware[];
}

/** A config that was checked, with every default filled in. */
export interface ResolvedConfig extends ResolvedShared {
  /** By their names; at least one. Backends at the top of a config are the pool `default`. */
  readonly pools: ReadonlyMap<string, ResolvedPool>;
  /** As in the config; at least one. */
  readonly routes: readonly RouteSettings[];
}
