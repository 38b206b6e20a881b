/** A load balancer as a Bun program's default export: `bun run` serves it, on the port that `BUN_PORT` names. */
import { createLoadBalancer } from "../../src/load-balancer.ts";

export default createLoadBalancer(JSON.parse(process.argv[2] ?? "{}"));

console.log(JSON.stringify({ url: `http://127.0.0.1:${process.env.BUN_PORT}` }));
