/**
 * The header rules of a gateway, RFC 9110 §7.6 and RFC 7239, in one place: what never passes, and what is
 * added. Everything else is end to end and none of a load balancer's business.
 */

/** Connection-level fields: about one hop, so never forwarded, in either direction (RFC 9110 §7.6.1). */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
] as const;

/** What a client could use to pass for another; removed unless a trusted proxy sent it. */
const FORWARDING = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-prefix",
  "x-forwarded-proto",
  "x-forwarded-server",
  "x-real-ip",
] as const;

/**
 * Fields that a message cannot lose by being named in `Connection`: without them it would mean something
 * else to the next hop than to us.
 */
const NOT_BY_CONNECTION = new Set([
  "host",
  "content-length",
  "content-encoding",
  "content-range",
  "authorization",
]);

/** Removes the hop-by-hop fields and those that `Connection` names. */
export function stripHopByHop(headers: Headers): void {
  const connection = headers.get("connection");
  if (connection !== null && connection !== "keep-alive" && connection !== "close") {
    for (const option of connection.split(",")) {
      const name = option.trim().toLowerCase();
      if (isToken(name) && !NOT_BY_CONNECTION.has(name)) headers.delete(name);
    }
  }
  for (const name of HOP_BY_HOP) headers.delete(name);
}

/** Removes what a client says of itself or of proxies before us. */
export function stripForwarding(headers: Headers): void {
  for (const name of FORWARDING) headers.delete(name);
}

/** RFC 9110 §5.6.2. */
function isToken(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9a-z]+$/i.test(text);
}

/** One hop as a `Forwarded` element: `for=192.0.2.43;host=example.com;proto=https` (RFC 7239 §4). */
export function forwardedElement(address: string, host: string, proto: string): string {
  const node = address.includes(":") ? `"[${address}]"` : address;
  return `for=${node};host=${isToken(host) ? host : quoted(host)};proto=${proto}`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
