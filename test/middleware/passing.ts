import { parseCidr } from "../../src/config/cidr.ts";
import { seededRandom } from "../../src/core/random.ts";
import { compose, type OnMiddlewareFault } from "../../src/middleware/compose.ts";
import { Kept, RequestScope } from "../../src/middleware/index.ts";
import type { Middleware, MiddlewareDeps } from "../../src/middleware/middleware.ts";
import { changedRequest } from "../../src/proxy/changed-request.ts";
import type { ClientInfo } from "../../src/proxy/client.ts";
import { MemoryState } from "../../src/shared-state/memory.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

/** What a middleware did with a request. */
export interface Passed {
  readonly answer: Response;
  /** What came through to the end of the chain; undefined if the middleware answered by itself. */
  readonly seen: Request | undefined;
}

/** Who asks, and what they are answered with at the end of the chain. */
export interface Passing {
  readonly client?: ClientInfo | undefined;
  readonly trustedProxies?: readonly string[];
  readonly params?: Readonly<Record<string, string>>;
  /** Default: "test". */
  readonly route?: string;
  readonly answer?: (request: Request) => Response | Promise<Response>;
}

/** A client on this machine. */
export const LOCAL: ClientInfo = { address: "127.0.0.1", port: 1234, tls: false, protocol: "1.1" };

/** The context of a request. */
export function scopeOf(
  request: Request,
  { client = LOCAL, trustedProxies = [], params = {}, route = "test" }: Passing = {},
) {
  const trusted = trustedProxies.map((text) => parseCidr(text, "trustedProxies"));
  return new RequestScope({ route, trustedProxies: trusted, nowMs: () => 0 }, request, client, params);
}

/** Puts a request through one middleware. A fault of it is thrown. */
export async function pass(middleware: Middleware, request: Request, passing: Passing = {}): Promise<Passed> {
  let seen: Request | undefined;
  let fault: unknown;
  const onFault: OnMiddlewareFault = (error) => {
    fault = error;
  };
  const last = async (received: Request) => {
    seen = received;
    return passing.answer?.(received) ?? new Response("ok");
  };
  const answer = await compose([middleware], last, onFault)(request, scopeOf(request, passing));
  if (fault !== undefined) throw fault;
  return { answer, seen };
}

/** A GET as a server that leaves paths as they are would give it. */
export function rawGet(target: string, headers: Record<string, string> = {}): Request {
  const request = new Request("http://lb.test/", { headers });
  return changedRequest(request, { url: `http://lb.test${target}` });
}

/** The target that the end of the chain was asked for. */
export function targetSeen({ seen }: Passed): string | undefined {
  return seen?.url.slice("http://lb.test".length);
}

/** Time that stands still, and chance from a seed. */
export function depsOf(seed = 1): MiddlewareDeps & { readonly clock: VirtualClock } {
  return {
    clock: new VirtualClock(),
    random: seededRandom(seed),
    shared: new MemoryState([seed, 0]),
    kept: new Kept(),
    place: "middleware[0]",
    warn() {},
  };
}
