import { parseAddress } from "../config/cidr.ts";
import { cookieValue } from "../proxy/cookie.ts";
import type { RequestContext } from "./middleware.ts";

/** Whose request it is, for a limit. Undefined is nobody's: such a request is not limited. */
export type RateLimitKey = (request: Request, context: RequestContext) => string | undefined;

/** What of a request requests are counted by. */
export type RateLimitKeySource =
  | { readonly by: "ip" | "route" }
  | { readonly by: "header" | "cookie"; readonly name: string }
  | RateLimitKey;

/** What a source is called where limits are told apart: those with keys of another kind are others. */
export function sourceName(source: RateLimitKeySource): string {
  if (typeof source === "function") return "function";
  return "name" in source ? `${source.by}:${source.name}` : source.by;
}

/**
 * What works out the key of a request. Requests without the header or cookie, and those whose client nobody knows, have
 * one key together: leaving something out frees nobody.
 *
 * @param ipv6PrefixBits For addresses: see `networkOf`.
 */
export function rateLimitKey(source: RateLimitKeySource, ipv6PrefixBits: number): RateLimitKey {
  if (typeof source === "function") return textual(source);
  switch (source.by) {
    case "ip":
      return (_request, { clientAddress }) => networkOf(clientAddress, ipv6PrefixBits);
    case "route":
      return (_request, { route }) => route;
    case "header":
      return ({ headers }) => headers.get(source.name) ?? "";
    case "cookie":
      return ({ headers }) => cookieValue(headers.get("cookie") ?? "", source.name);
  }
}

/** A promise, above all, would be one key for everybody. */
function textual(source: RateLimitKey): RateLimitKey {
  return (request, context) => {
    const key: unknown = source(request, context);
    if (key === undefined || typeof key === "string") return key;
    const found =
      key === null ? "null" : typeof key === "object" ? "a promise or an object" : `a ${typeof key}`;
    throw new TypeError(`a rate limit's key is ${found}, expected a string`);
  };
}

/**
 * What stands for the network that a client is in: of an IPv6 address its first bits, since who has one address has all
 * that begin like it (RFC 6177 §2), and of IPv4 all of it.
 *
 * @param address As proxies or the runtime say it. What is no address is taken as it is.
 * @returns The same text for the same network, however the address is spelt. Not for people.
 */
export function networkOf(address: string, ipv6PrefixBits: number): string {
  if (!address.includes(":")) return address;
  const bytes = parseAddress(address.split("%", 1)[0] as string);
  if (bytes === undefined) return address;
  if (bytes.length === 4) return bytes.join(".");
  let network = "/";
  for (let bits = ipv6PrefixBits, index = 0; bits > 0; bits -= 8, index++) {
    network += String.fromCharCode((bytes[index] as number) & (bits < 8 ? 0xff00 >> bits : 0xff));
  }
  return network;
}
