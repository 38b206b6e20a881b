/**
 * The program that the conformance suite runs in each runtime: a load balancer with the config given as JSON
 * in the first argument. It tells what happens in lines of JSON. The environment may say where it listens
 * (`FIXTURE_HOST`, which is empty for all interfaces, and `FIXTURE_PORT`) and how long it waits at its end
 * (`FIXTURE_GRACE_MS`), how it reaches the backends (`FIXTURE_TRANSPORT`, `fetch` or `http1`), and how it takes
 * its clients' connections (`FIXTURE_FRONT`, `web` or `http1`).
 */
import { createLoadBalancer } from "../../src/load-balancer.ts";
import { http1Transport } from "../../src/transport/http1.ts";
import { serve } from "./fixture-serve.ts";

const { FIXTURE_HOST = "127.0.0.1", FIXTURE_PORT = "0", FIXTURE_GRACE_MS = "10000" } = process.env;
const tell = (line: object) => console.log(JSON.stringify(line));
const balancer = createLoadBalancer(JSON.parse(process.argv[2] ?? "{}"), {
  ...(process.env.FIXTURE_TRANSPORT === "http1" ? { transport: http1Transport() } : {}),
  onStateChange: ({ backend, available, byTraffic, reason }) =>
    tell({ change: { url: backend.origin, available, byTraffic, reason } }),
  onTryFailed: ({ backend, reason }) => tell({ failed: { url: backend, reason } }),
});

const where = FIXTURE_HOST === "" ? {} : { hostname: FIXTURE_HOST };
try {
  const listener = await serve(balancer, { port: Number(FIXTURE_PORT), ...where });
  process.on("SIGTERM", async () => {
    await listener.close(Number(FIXTURE_GRACE_MS));
    process.exit(0);
  });
  tell({ url: listener.url });
} catch (error) {
  tell({ refused: (error as { code?: unknown }).code });
  process.exit(1);
}
