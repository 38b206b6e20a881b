import type { Cidr } from "../config/cidr.ts";
import { comparablePath, comparableQuery } from "../http1/uri-path.ts";
import type { ClientInfo } from "../proxy/client.ts";
import { clientAddress } from "../proxy/client-address.ts";
import { targetOf } from "../proxy/request.ts";
import { hostName } from "./host-name.ts";
import type { RequestView } from "./request-view.ts";

/**
 * A view of a `Request`. The same as `front/relay-view.ts` has of bytes.
 *
 * @param client Undefined if unknown.
 * @param trustedProxies Whose `X-Forwarded-For` is believed.
 */
export function webView(
  request: Request,
  client: ClientInfo | undefined,
  trustedProxies: readonly Cidr[],
): RequestView {
  return new WebView(request, client, trustedProxies);
}

class WebView implements RequestView {
  readonly #request: Request;
  readonly #client: ClientInfo | undefined;
  readonly #trustedProxies: readonly Cidr[];
  #target: string | undefined;
  #host: string | undefined;
  #path: string | undefined;
  #query: string | undefined;
  #clientAddress: string | undefined;

  constructor(request: Request, client: ClientInfo | undefined, trustedProxies: readonly Cidr[]) {
    this.#request = request;
    this.#client = client;
    this.#trustedProxies = trustedProxies;
  }

  get method(): string {
    return this.#request.method;
  }

  get host(): string {
    this.#host ??= hostName(this.#request.headers.get("host") ?? authorityOf(this.#request.url));
    return this.#host;
  }

  get path(): string {
    if (this.#path === undefined) {
      const target = this.#rawTarget;
      const mark = target.indexOf("?");
      this.#path = comparablePath(mark < 0 ? target : target.slice(0, mark));
    }
    return this.#path;
  }

  get query(): string {
    if (this.#query === undefined) {
      const target = this.#rawTarget;
      const mark = target.indexOf("?");
      this.#query = mark < 0 ? "" : comparableQuery(target.slice(mark + 1));
    }
    return this.#query;
  }

  get clientAddress(): string {
    if (this.#clientAddress === undefined) {
      const { headers } = this.#request;
      const trusted = this.#trustedProxies;
      const peer = this.#client?.address ?? "";
      this.#clientAddress =
        trusted.length === 0 ? peer : clientAddress(peer, headers.get("x-forwarded-for"), trusted);
    }
    return this.#clientAddress;
  }

  header(name: string): string | null {
    return this.#request.headers.get(name);
  }

  /** Empty if the URL names no host: such a request is refused. */
  get #rawTarget(): string {
    this.#target ??= targetOf(this.#request.url) ?? "";
    return this.#target;
  }
}

/** What a URL has behind its scheme: host and port. */
function authorityOf(url: string): string {
  const scheme = url.indexOf("://");
  if (scheme < 0 || url.startsWith("/")) return "";
  const slash = url.indexOf("/", scheme + 3);
  return slash < 0 ? url.slice(scheme + 3) : url.slice(scheme + 3, slash);
}
