import { clientOf } from "../../src/adapters/client-of.ts";
import type { Cidr } from "../../src/config/cidr.ts";
import { MIDDLEWARE_SCHEMAS } from "../../src/config/middleware/index.ts";
import { check } from "../../src/config/schema/check.ts";
import { compose } from "../../src/middleware/compose.ts";
import { RequestScope } from "../../src/middleware/index.ts";
import type { Middleware } from "../../src/middleware/middleware.ts";
import type { Handler } from "../../src/proxy/client.ts";

type Named = keyof typeof MIDDLEWARE_SCHEMAS;

/** The rules that a config's options come to. */
export function rulesOf<Name extends Named>(name: Name, options: unknown) {
  return check(MIDDLEWARE_SCHEMAS[name], options, name) as ReturnType<
    typeof check<(typeof MIDDLEWARE_SCHEMAS)[Name]>
  >;
}

/** What answers requests through middlewares; their faults are written to the standard error. */
export function behind(
  middlewares: readonly Middleware[],
  fetch: (request: Request, client: unknown) => Promise<Response>,
  trustedProxies: readonly Cidr[] = [],
): Handler {
  const route = { route: "test", trustedProxies, nowMs: () => performance.now() };
  const answer = compose(
    middlewares,
    (request, { client }) => fetch(request, client),
    (error, name) => console.error(`${name} failed:`, error),
  );
  return (request, client) => answer(request, new RequestScope(route, request, clientOf(request, client)));
}
