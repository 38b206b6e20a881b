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

/** What a client could use to pass for another, beside the three that are set anew for every request. */
const FORWARDING = [
  "forwarded",
  "x-forwarded-port",
  "x-forwarded-prefix",
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

/** Where a request came from, as the backends are told. */
export interface Origin {
  /** The peer's IP address. */
  readonly address: string;
  /** The `Host` that the client asked for. */
  readonly host: string;
  readonly proto: "http" | "https";
  /** Whether the peer is a proxy whose own words about its client are believed. */
  readonly isTrusted: boolean;
}

/**
 * Sets `X-Forwarded-For`, `-Host` and `-Proto`. A trusted proxy's are kept and continued; anybody else's,
 * and all their relatives, are replaced.
 *
 * @param forwarded Whether to send `Forwarded` (RFC 7239) too.
 */
export function setForwarding(headers: Headers, origin: Origin, forwarded: boolean): void {
  const { address, host, proto } = origin;
  if (origin.isTrusted) {
    const before = headers.get("x-forwarded-for");
    headers.set("x-forwarded-for", before === null ? address : `${before}, ${address}`);
    if (!headers.has("x-forwarded-host")) headers.set("x-forwarded-host", host);
    if (!headers.has("x-forwarded-proto")) headers.set("x-forwarded-proto", proto);
  } else {
    for (const name of FORWARDING) headers.delete(name);
    headers.set("x-forwarded-for", address);
    headers.set("x-forwarded-host", host);
    headers.set("x-forwarded-proto", proto);
  }
  if (forwarded) headers.append("forwarded", forwardedElement(address, host, proto));
}

/** Removes everything that a client says of where it comes from, where nobody knows better. */
export function stripForwarding(headers: Headers): void {
  for (const name of FORWARDING) headers.delete(name);
  headers.delete("x-forwarded-for");
  headers.delete("x-forwarded-host");
  headers.delete("x-forwarded-proto");
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
