/**
 * The program that the conformance suite runs in each runtime: a load balancer with the config given as JSON
 * in the first argument, on a port of its own. It tells what happens in lines of JSON.
 */
import { createLoadBalancer } from "../../src/load-balancer.ts";

const GRACE_MS = 10_000;

const { serve } =
  "Bun" in globalThis
    ? await import("../../src/adapters/bun.ts")
    : "Deno" in globalThis
      ? await import("../../src/adapters/deno.ts")
      : await import("../../src/adapters/node.ts");

const tell = (line: object) => console.log(JSON.stringify(line));
const balancer = createLoadBalancer(JSON.parse(process.argv[2] ?? "{}"), {
  onStateChange: ({ backend, available, byTraffic, reason }) =>
    tell({ change: { url: backend.origin, available, byTraffic, reason } }),
  onTryFailed: ({ backend, reason }) => tell({ failed: { url: backend, reason } }),
});
const listener = await serve(balancer, { port: 0, hostname: "127.0.0.1" });

process.on("SIGTERM", async () => {
  await listener.close(GRACE_MS);
  process.exit(0);
});

tell({ url: listener.url });
