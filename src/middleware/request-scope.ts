import { type Cidr, isInAny } from "../config/cidr.ts";
import type { ClientInfo } from "../proxy/client.ts";
import { clientAddress } from "../proxy/client-address.ts";
import type { RequestContext } from "./middleware.ts";

/** What the context of a request is made of that is the same for all requests of a route. */
export interface RouteScope {
  /** The route's name. */
  readonly route: string;
  /** The proxies whose word is taken. */
  readonly trustedProxies: readonly Cidr[];
  /** The balancer's clock, in milliseconds. Needs no `this`. */
  readonly nowMs: () => number;
}

/** The context of one request. What costs anything is worked out when it is first asked for. */
export class RequestScope implements RequestContext {
  readonly client: ClientInfo | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly #scope: RouteScope;
  readonly #request: Request;
  #clientAddress: string | undefined;
  #isTrustedPeer: boolean | undefined;
  #state: Map<string, unknown> | undefined;

  /** @param request As the client sent it. */
  constructor(
    scope: RouteScope,
    request: Request,
    client: ClientInfo | undefined,
    params: Readonly<Record<string, string>> = NO_PARAMS,
  ) {
    this.client = client;
    this.params = params;
    this.#scope = scope;
    this.#request = request;
  }

  get route(): string {
    return this.#scope.route;
  }

  get nowMs(): () => number {
    return this.#scope.nowMs;
  }

  get clientAddress(): string {
    this.#clientAddress ??=
      this.client === undefined
        ? ""
        : clientAddress(
            this.client.address,
            this.#request.headers.get("x-forwarded-for"),
            this.#scope.trustedProxies,
          );
    return this.#clientAddress;
  }

  get isTrustedPeer(): boolean {
    this.#isTrustedPeer ??=
      this.client !== undefined && isInAny(this.#scope.trustedProxies, this.client.address);
    return this.#isTrustedPeer;
  }

  get state(): Map<string, unknown> {
    this.#state ??= new Map();
    return this.#state;
  }
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});
