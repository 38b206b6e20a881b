import { type Cidr, isInAny } from "../config/cidr.ts";

/** How many proxies one behind the other are believed: nobody has more, and each costs a look. */
const MOST_HOPS = 32;

/**
 * The address of the client itself: the peer's, or if that is a proxy which is believed, what it and those
 * before it have written, up to the first address that is nobody's who is believed.
 *
 * @param peer The address at the other end of the connection.
 * @param forwardedFor `X-Forwarded-For`, each proxy's word at the end of it; null if there is none.
 * @param trusted The proxies that are believed.
 */
export function clientAddress(peer: string, forwardedFor: string | null, trusted: readonly Cidr[]): string {
  if (forwardedFor === null || !isInAny(trusted, peer)) return peer;
  let address = peer;
  let end = forwardedFor.length;
  for (let hop = 0; hop < MOST_HOPS && end > 0; hop++) {
    const comma = forwardedFor.lastIndexOf(",", end - 1);
    const said = forwardedFor.slice(comma + 1, end).trim();
    if (said !== "") address = withoutPort(said);
    if (!isInAny(trusted, address)) break;
    end = comma;
  }
  return address;
}

/**
 * An address without the port that some proxies write behind it, and without the brackets that IPv6 then has: with each
 * connection's port the same client would be another one. What is none of this is left as it is.
 */
function withoutPort(said: string): string {
  if (said.startsWith("[")) return /^\[([^[\]]+)\](?::\d*)?$/.exec(said)?.[1] ?? said;
  const colon = said.indexOf(":");
  // With a second colon it is IPv6 alone.
  return colon > 0 && said.indexOf(":", colon + 1) < 0 ? said.slice(0, colon) : said;
}
