/** A load balancer in a route of a Hono program, which answers everything else itself. Runs in Bun and in Node. */
import { Hono } from "hono";
import { createLoadBalancer } from "../../src/load-balancer.ts";

const balancer = createLoadBalancer(JSON.parse(process.argv[2] ?? "{}"));
const app = new Hono();
app.get("/hello", (c) => c.text("hello"));
// Hono calls "env" what its server hands it beside the request: here, who the client is.
app.all("/api/*", (c) => balancer.fetch(c.req.raw, c.env));

if ("Bun" in globalThis) {
  const { url } = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch });
  console.log(JSON.stringify({ url: url.origin }));
} else {
  const { serve } = await import("../../src/adapters/node.ts");
  const service = { fetch: async (request: Request, client?: object) => app.fetch(request, client) };
  const { url } = await serve(service, { port: 0, hostname: "127.0.0.1" });
  console.log(JSON.stringify({ url }));
}
