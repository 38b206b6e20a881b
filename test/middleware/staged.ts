import { serve } from "../../src/front/front.ts";
import { createLoadBalancer } from "../../src/load-balancer.ts";
import type { Middleware } from "../../src/middleware/middleware.ts";
import { http1Transport } from "../../src/transport/http1.ts";
import { RawBackend, type Script } from "../raw/backend.ts";
import { behind } from "./behind.ts";

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
