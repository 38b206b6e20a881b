/** A load balancer handed to `Deno.serve`. */
import { createLoadBalancer } from "../../src/load-balancer.ts";

/** The part of Deno that is used here. */
interface DenoApi {
  serve(
    options: { port: number; hostname: string; onListen(address: { port: number }): void },
    handler: (request: Request, info: object) => Promise<Response>,
  ): void;
}

const balancer = createLoadBalancer(JSON.parse(process.argv[2] ?? "{}"));

(globalThis as unknown as { Deno: DenoApi }).Deno.serve(
  {
    port: 0,
    hostname: "127.0.0.1",
    onListen: ({ port }) => console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` })),
  },
  balancer.fetch,
);
