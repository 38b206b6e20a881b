import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import type { ClientInfo } from "../proxy/client.ts";
import type { SharedState } from "../shared-state/shared-state.ts";
import type { Kept } from "./kept.ts";

/**
 * Answers a request, or lets `next` do it and changes what it likes on the way there and back.
 *
 * What it calls `next` with may be another `Request`. An answer of `next`'s that it does not pass on it lets go
 * of, by cancelling its body: the backend is busy with it until then.
 */
export type Middleware = (
  request: Request,
  next: Next,
  context: RequestContext,
) => Response | Promise<Response>;

/**
 * Has the request answered by what comes after a middleware. May be called once. Never throws and never rejects:
 * whatever goes wrong there has become an answer.
 */
export type Next = (request: Request) => Promise<Response>;

/** What is known of a request beside what it says. */
export interface RequestContext {
  /** The peer: the client, or the last proxy before us. Undefined if nobody knows. */
  readonly client: ClientInfo | undefined;
  /** The address of the client itself, as far as trusted proxies say; "" if nobody knows. */
  readonly clientAddress: string;
  /** Whether the peer is a proxy whose word is taken. */
  readonly isTrustedPeer: boolean;
  /** The route's name. */
  readonly route: string;
  /** What stands in the path for the parameters of the route's pattern, escapes as they came. */
  readonly params: Readonly<Record<string, string>>;
  /** The balancer's clock, in milliseconds since some fixed moment. */
  readonly nowMs: () => number;
  /** What middlewares of one request leave each other. */
  readonly state: Map<string, unknown>;
}

/** What middlewares are made with. */
export interface MiddlewareDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** What is counted wherever the same requests may arrive. One for all, and for as long as the process lives. */
  readonly shared: SharedState;
  /** What the middlewares of the next config find again. One for as long as the balancer lives. */
  readonly kept: Kept;
  /** Where the config names the middleware: the same for the same place after the config was read anew. */
  readonly place: string;
  /** Told, in words for a log, of what goes wrong outside any request. */
  readonly warn: (reason: string) => void;
}

/** Makes a middleware from its rules: once for each place in the config that names it. */
export type MiddlewareFactory<Rules> = (rules: Rules, deps: MiddlewareDeps) => Middleware;

/**
 * Told of every middleware that threw, called `next` twice, or gave something that is no answer.
 *
 * @param middleware The function's name, or its number in the route's chain, from 1 on.
 */
export type MiddlewareFault = (route: string, middleware: string, error: unknown) => void;
