import { clientHost } from "../proxy/changed-request.ts";
import { badRequest, problemResponse } from "../proxy/problem.ts";
import type { Middleware, RequestContext } from "./middleware.ts";
import { asciiOnly, escaped, urlParts } from "./path.ts";

/** A status that sends a client elsewhere (RFC 9110 §15.4). */
export type RedirectStatus = 301 | 302 | 303 | 307 | 308;

/** Where clients are sent. */
export type RedirectRules = RedirectToRules | RedirectToHttpsRules;

/** To a place of one's own choice. */
export interface RedirectToRules {
  readonly https: false;
  /**
   * An absolute URL, or a path. `{host}`, `{path}` and `{query}` stand for the request's own, the query with its `?`,
   * and `{NAME}` for a parameter of the route's path.
   */
  readonly to: string;
  readonly status: RedirectStatus;
  /** Whether the request's query is kept where `to` says none itself. */
  readonly keepQuery: boolean;
}

/** To the same over TLS. */
export interface RedirectToHttpsRules {
  readonly https: true;
  /** The port that takes TLS connections. */
  readonly port: number;
  readonly status: RedirectStatus;
}

/** Sends every client elsewhere; with `https`, those that do not come over TLS already. */
export function createRedirect(rules: RedirectRules): Middleware {
  return rules.https ? redirectToHttps(rules) : redirectTo(rules);
}

function redirectToHttps({ port, status }: RedirectToHttpsRules): Middleware {
  const suffix = port === 443 ? "" : `:${port}`;
  return function redirect(request, next, context) {
    if (isSecure(request, context)) return next(request);
    const { path, query } = urlParts(request.url);
    const host = hostOf(request);
    if (host === undefined) return problemResponse(NO_HOST);
    const name = host.replace(/:\d*$/, "");
    return redirection(status, `https://${name}${suffix}${escaped(path + query)}`);
  };
}

/** Whether the client's own connection is TLS, as far as trusted proxies say. */
function isSecure(request: Request, { client, isTrustedPeer }: RequestContext): boolean {
  if (isTrustedPeer) {
    const said = request.headers.get("x-forwarded-proto");
    // The first is the one nearest to the client.
    if (said !== null) return said.split(",", 1)[0]?.trim().toLowerCase() === "https";
  }
  return client === undefined ? request.url.startsWith("https:") : client.tls;
}

function redirectTo({ to, status, keepQuery }: RedirectToRules): Middleware {
  // Each odd one is a variable's name.
  const parts = asciiOnly(to).split(/\{([^{}]*)\}/);
  const isPath = !/^[a-z][a-z\d+.-]*:\/\//i.test(to);
  const namesHost = parts.some((part, index) => index % 2 === 1 && part === "host");
  const hasQuery = to.includes("?") || parts.some((part, index) => index % 2 === 1 && part === "query");
  return function redirect(request, _next, context) {
    const { path, query } = urlParts(request.url);
    const host = namesHost ? hostOf(request) : "";
    if (host === undefined) return problemResponse(NO_HOST);
    let location = "";
    for (const [index, part] of parts.entries()) {
      if (index % 2 === 0) location += part;
      else if (part === "host") location += host;
      else if (part === "path") location += path;
      else if (part === "query") location += query;
      else location += context.params[part] ?? "";
    }
    // Else `//elsewhere.example/` in a request's path would send clients wherever somebody likes (RFC 3986 §4.2).
    if (isPath) location = location.replace(/^[/\\]+/, "/");
    if (keepQuery && !hasQuery) location = withQuery(location, query);
    return redirection(status, location.replace(/[^#]+/g, escaped));
  };
}

/** A query goes before a fragment. */
function withQuery(location: string, query: string): string {
  const fragment = location.indexOf("#");
  if (fragment < 0) return location + query;
  return location.slice(0, fragment) + query + location.slice(fragment);
}

/** The host that the client asked for; undefined if it is none. */
function hostOf(request: Request): string | undefined {
  const host = clientHost(request) ?? urlParts(request.url).origin.replace(/^[^:]*:\/\//, "");
  return /^[^\s,/\\?#@{}]+$/.test(host) ? host : undefined;
}

function redirection(status: RedirectStatus, location: string): Response {
  return new Response(null, { status, headers: { location } });
}

const NO_HOST = badRequest("The Host is not a name or address.");
