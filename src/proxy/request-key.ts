import type { Cidr } from "../config/cidr.ts";
import type { KeySource } from "../core/picking/picker.ts";
import type { ClientInfo } from "./client.ts";
import { clientAddress } from "./client-address.ts";
import { cookieValue } from "./cookie.ts";

/**
 * Works out the key of a request for the picker.
 *
 * @param target Path and query.
 * @param client Undefined if unknown.
 * @returns Empty if the request has none.
 */
export type RequestKey = (headers: Headers, target: string, client: ClientInfo | undefined) => string;

/**
 * What works out the keys that a picker wants, for requests that are a `Request`. The same keys as
 * `front/relay-key.ts` works out of bytes.
 *
 * @param isWanted Of several cookies, the first that has such a value is the key. Default: the first.
 */
export function requestKey(
  source: KeySource,
  trustedProxies: readonly Cidr[],
  isWanted?: (value: string) => boolean,
): RequestKey {
  if (source === "uri") return (_headers, target) => target;
  if (source === "ip") {
    return (headers, _target, client) =>
      client === undefined
        ? ""
        : clientAddress(client.address, headers.get("x-forwarded-for"), trustedProxies);
  }
  const name = keyName(source);
  if (source.startsWith("header:")) return (headers) => headers.get(name) ?? "";
  return (headers) => cookieValue(headers.get("cookie") ?? "", name, isWanted);
}

/** The name of the field or cookie that a key comes from. */
export function keyName(source: Exclude<KeySource, "ip" | "uri">): string {
  return source.slice(source.indexOf(":") + 1);
}
