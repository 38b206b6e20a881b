import type { Cidr } from "../config/cidr.ts";
import type { KeySource } from "../core/picking/picker.ts";
import { FieldTable, UNLISTED } from "../http1/field-table.ts";
import type { HeadParser } from "../http1/head-parser.ts";
import { continued } from "../http1/list-field.ts";
import type { ClientInfo } from "../proxy/client.ts";
import { clientAddress } from "../proxy/client-address.ts";
import { cookieValue } from "../proxy/cookie.ts";
import { keyName } from "../proxy/request-key.ts";
import type { RequestReader } from "./request-reader.ts";

/** Works out the key of a request for the picker; empty if the request has none. */
export type RelayKey = (reader: RequestReader, client: ClientInfo) => string;

/**
 * What works out the keys that a picker wants, for requests that are relayed. The same keys as
 * `proxy/request-key.ts` works out of a `Request`.
 *
 * @param isWanted Of several cookies, the first that has such a value is the key. Default: the first.
 */
export function relayKey(
  source: KeySource,
  trustedProxies: readonly Cidr[],
  isWanted?: (value: string) => boolean,
): RelayKey {
  if (source === "uri") return (reader) => reader.target;
  if (source === "ip") {
    const forwardedFor = tableOf("x-forwarded-for");
    return ({ fields }, { address }) =>
      trustedProxies.length === 0
        ? address
        : clientAddress(address, joinedValue(fields, forwardedFor), trustedProxies);
  }
  const name = keyName(source);
  if (source.startsWith("header:")) {
    const table = tableOf(name.toLowerCase());
    return ({ fields }) => joinedValue(fields, table) ?? "";
  }
  return ({ fields }) => cookieOf(fields, name, isWanted);
}

/** A table of this one name, in lower case. */
export function tableOf(name: string): FieldTable {
  return new FieldTable({ [name]: 1 });
}

/** The value of a field, its lines joined as `Headers` would (RFC 9110 §5.3); null if it is not there. */
export function joinedValue(fields: HeadParser, table: FieldTable): string | null {
  let value: string | null = null;
  for (let field = 0; field < fields.fieldCount; field++) {
    if (table.find(fields, field) !== UNLISTED) value = continued(value, fields.value(field));
  }
  return value;
}

const COOKIE = tableOf("cookie");

/** The first line that has the cookie counts. There should be one line (RFC 6265 §5.4). */
function cookieOf(fields: HeadParser, name: string, isWanted?: (value: string) => boolean): string {
  for (let field = 0; field < fields.fieldCount; field++) {
    if (COOKIE.find(fields, field) === UNLISTED) continue;
    const value = cookieValue(fields.value(field), name, isWanted);
    if (value !== "") return value;
  }
  return "";
}
