import { listenHttp1 } from "../../../src/front/front.ts";
import { createLoadBalancer } from "../../../src/load-balancer.ts";
import { http1Transport } from "../../../src/transport/http1.ts";
import { until, within } from "../../raw/within.ts";
import { Ledger } from "./ledger.ts";
import { tokenOf } from "./plan.ts";
import { SoakBackend } from "./soak-backend.ts";
import { SoakClient } from "./soak-client.ts";

/** How much is asked. */
export interface Soak {
  readonly seed: number;
  readonly requests: number;
  readonly clients: number;
  readonly backends: number;
  /** No new requests after so long, in milliseconds. */
  readonly longestMs: number;
}

/**
 * Sends requests with tokens through a front in this process, to backends of which one in ten answers is faulty,
 * from clients that leave when they like. Returns who saw what.
 */
export async function soak({ seed, requests, clients, backends, longestMs }: Soak): Promise<Ledger> {
  const ledger = new Ledger(seed);
  const servers = Array.from({ length: backends }, (_, index) => new SoakBackend(`b${index}`, ledger));
  const balancer = createLoadBalancer(
    { backends: servers.map(({ url }) => url), healthCheck: false },
    // Fewer connections than clients: some wait for one.
    { transport: http1Transport({ maxOpen: 12 }) },
  );
  const listener = await listenHttp1(balancer, { port: 0, hostname: "127.0.0.1" });
  const untilMs = performance.now() + longestMs;
  let given = 0;
  const nextToken = () => {
    if (given === requests || performance.now() > untilMs) return undefined;
    return tokenOf(given++);
  };
  const running = Array.from({ length: clients }, (_, index) =>
    new SoakClient(listener.port, ledger, index, nextToken).run(),
  );
  const all = `every answer, with seed ${seed}`;
  await within(longestMs + 15_000, all, Promise.all(running));
  await until("nothing is under way any more", () => balancer.status().inFlight === 0);
  await listener.close(0);
  for (const server of servers) server.close();
  if (ledger.over !== given) ledger.mixedUp(`of ${given} requests ${ledger.over} came to an end`);
  // A connection may be closed while a request is on its way on it, but no more requests than connections.
  if (ledger.unexplained > ledger.closes) {
    ledger.mixedUp(`${ledger.unexplained} requests got no answer for no reason`);
  }
  return ledger;
}

/** What came of it, in a line. */
export function summary(ledger: Ledger): string {
  const { seed, answered, refused, unexplained, cut, forgotten, closes } = ledger;
  return `seed ${seed}: ${answered} answered, ${refused} refused (${unexplained} of them by chance, with ${closes} connections closed), ${cut} cut, ${forgotten} left alone`;
}
