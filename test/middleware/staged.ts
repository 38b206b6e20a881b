import type { Cidr } from "../../src/config/cidr.ts";
import { MIDDLEWARE_SCHEMAS } from "../../src/config/middleware/index.ts";
import { check } from "../../src/config/schema/check.ts";
import { serve } from "../../src/front/front.ts";
import { createLoadBalancer } from "../../src/load-balancer.ts";
import { RequestScope } from "../../src/middleware/index.ts";
import { compose, type Middleware } from "../../src/middleware/middleware.ts";
import type { Handler } from "../../src/proxy/client.ts";
import { http1Transport } from "../../src/transport/http1.ts";
import { RawBackend, type Script } from "../raw/backend.ts";

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
  return (request, client) => answer(request, new RequestScope(route, request, client));
}

/** A front with middlewares before a backend, all on real sockets. */
export interface Stage {
  readonly backend: RawBackend;
  readonly url: string;
}

/** Sets a stage for as long as `use` takes. */
export async function onStage(
  middlewares: readonly Middleware[],
  script: Script,
  use: (stage: Stage) => Promise<void>,
): Promise<void> {
  const backend = await RawBackend.listen(script);
  const config = { backends: [backend.url], healthCheck: false } as const;
  const balancer = createLoadBalancer(config, { transport: http1Transport() });
  const fetch = behind(middlewares, balancer.fetch);
  const listener = await serve({ fetch }, { port: 0, hostname: "127.0.0.1" });
  try {
    await use({ backend, url: listener.url });
  } finally {
    await listener.close(0);
    await balancer.drain(0);
    await backend.close();
  }
}
