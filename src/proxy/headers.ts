import { HOP_BY_HOP, isToken } from "../http1/hop-by-hop.ts";
import { continued } from "../http1/list-field.ts";

/**
 * What becomes of a request's fields on their way to a backend, as RFC 9110 §7.6 and RFC 7239 have it: what
 * never passes, and what is added. All else is end to end, and none of a load balancer's business.
 */

/** Set anew for every request whose client is known. */
const DESCRIBING = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"] as const;

/**
 * What else a client could use to pass for another: every name by which a server or a framework in wide use
 * believes what a proxy says. Those with underscores are there because CGI and its heirs read them as hyphens,
 * and `Proxy` because they make `HTTP_PROXY` of it.
 */
const PRETENDING = [
  "client-ip",
  "forwarded",
  "front-end-https",
  "proxy",
  "true-client-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-forwarded",
  "x-forwarded-by",
  "x-forwarded-client-cert",
  "x-forwarded-port",
  "x-forwarded-prefix",
  "x-forwarded-protocol",
  "x-forwarded-scheme",
  "x-forwarded-server",
  "x-forwarded-ssl",
  "x-forwarded-user",
  "x-original-host",
  "x-original-url",
  "x-real-ip",
  "x-rewrite-url",
  "x-url-scheme",
  "x_forwarded_for",
  "x_forwarded_host",
  "x_forwarded_port",
  "x_forwarded_proto",
  "x_real_ip",
] as const;

/** `Expect` was answered by the server; a second 100 would reach nobody. */
const ENDING_HERE = [...HOP_BY_HOP, "expect"] as const;

/** Fields that do not pass as they came. */
export interface DroppedFields {
  /** All of them, in lower case. */
  readonly names: ReadonlySet<string>;
  /** Those of them that nothing takes the place of. */
  readonly gone: readonly string[];
}

/** From a client that could claim anything. */
export const FROM_STRANGERS = dropped([...ENDING_HERE, ...PRETENDING], DESCRIBING);
/** From a proxy whose words are believed. */
export const FROM_TRUSTED = dropped(ENDING_HERE, DESCRIBING);
/** Where nobody knows the client, and nothing takes the place of what it says of itself. */
export const FROM_UNKNOWN = dropped([...ENDING_HERE, ...PRETENDING, ...DESCRIBING], []);

function dropped(gone: readonly string[], replaced: readonly string[]): DroppedFields {
  return { names: new Set([...gone, ...replaced, "via"]), gone };
}

/** Where a request came from, as the backends are told. */
export interface Origin {
  /** The peer's IP address. */
  readonly address: string;
  /** The `Host` that the client asked for. */
  readonly host: string;
  readonly proto: "http" | "https";
}

/** Adds `X-Forwarded-For`, `-Host` and `-Proto` to a list of names and values. */
export function describeStranger(added: string[], { address, host, proto }: Origin): void {
  added.push("x-forwarded-for", address, "x-forwarded-host", host, "x-forwarded-proto", proto);
}

/**
 * The same for a proxy that is believed: what it says is kept, and continued by its own address.
 *
 * @param said Its own fields.
 */
export function describeTrusted(added: string[], { address, host, proto }: Origin, said: Headers): void {
  added.push("x-forwarded-for", continued(said.get("x-forwarded-for"), address));
  added.push("x-forwarded-host", said.get("x-forwarded-host") ?? host);
  added.push("x-forwarded-proto", said.get("x-forwarded-proto") ?? proto);
}

/** One hop as a `Forwarded` element: `for=192.0.2.43;host=example.com;proto=https` (RFC 7239 §4). */
export function forwardedElement({ address, host, proto }: Origin): string {
  const node = address.includes(":") ? `"[${address}]"` : address;
  return `for=${node};host=${isToken(host) ? host : quoted(host)};proto=${proto}`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
