/** A load balancer behind the front on raw sockets, which is one for all runtimes. */
import { serve } from "../../src/front/front.ts";
import { createLoadBalancer } from "../../src/load-balancer.ts";
import { http1Transport } from "../../src/transport/http1.ts";

const balancer = createLoadBalancer(JSON.parse(process.argv[2] ?? "{}"), { transport: http1Transport() });
const listener = await serve(balancer, { port: 0, hostname: "127.0.0.1" });
console.log(JSON.stringify({ url: listener.url }));
