/** A load balancer at one path of a `node:http` server that is somebody else's. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "../../src/adapters/node.ts";
import { createLoadBalancer } from "../../src/load-balancer.ts";

const toBackends = toNodeHandler(createLoadBalancer(JSON.parse(process.argv[2] ?? "{}")));

const server = createServer((incoming, outgoing) => {
  if (incoming.url?.startsWith("/api/")) toBackends(incoming, outgoing);
  else outgoing.end("hello");
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }));
});
