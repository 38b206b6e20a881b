import { HOP_BY_HOP, isToken } from "../http1/hop-by-hop.ts";
import { continued } from "../http1/list-field.ts";

/**
 * What becomes of a request's fields on their way to a backend, as RFC 9110 §7.6 and RFC 7239 have it: what
 * never passes, and what is added. All else is end to end, and none of a load balancer's business.
 */

/** Set anew for every request whose client is known. */
export const DESCRIBING = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"] as const;

/**
 * What else a client could use to pass for another: every name by which a server or a framework in wide use
 * believes what a proxy says. Those with underscores are there because CGI and its heirs read them as hyphens,
 * and `Proxy` because they make `HTTP_PROXY` of it.
 */
export const PRETENDING = [
  "client-ip",
  "content_length",
  "forwarded",
  "front-end-https",
  "proxy",
  "transfer_encoding",
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

/** The names of fields that do not pass as they came, in lower case. */
export type DroppedFields = ReadonlySet<string>;

/** From a client that could claim anything, and where nobody knows the client. */
export const FROM_STRANGERS: DroppedFields = new Set([...ENDING_HERE, ...PRETENDING, ...DESCRIBING, "via"]);
/** From a proxy whose words are believed. */
export const FROM_TRUSTED: DroppedFields = new Set([...ENDING_HERE, ...DESCRIBING, "via"]);

/**
 * Which of those that could make a client pass for another pass all the same if the config has set them. The others
 * are framing by another name, or written by us.
 */
export const VOUCHABLE: ReadonlySet<string> = new Set(
  PRETENDING.filter((name) => !/^(?:forwarded|content_length|transfer_encoding|x_forwarded_.*)$/.test(name)),
);

/** Where a request came from, as the backends are told. */
export interface Origin {
  /** The peer's IP address. */
  readonly address: string;
  /** The `Host` that the client asked for. */
  readonly host: string;
  readonly proto: "http" | "https";
}

/** Our name in `Via`: a pseudonym, since host names are nobody's business (RFC 9110 §7.6.3). */
const PSEUDONYM = "lb";
/** The whole of `Via` for nearly every request. */
export const VIA = `1.1 ${PSEUDONYM}`;

/** What a request says of itself: `Headers` is one. */
export interface Said {
  /** The field's value, its lines joined with commas; null if it is not there. `name` is in lower case. */
  get(name: string): string | null;
}

/**
 * The fields that a backend gets besides the client's own: name, value, name, value, names in lower case.
 *
 * @param said The client's own fields. Only a proxy that is believed has a say in what is added, but for `Via`.
 * @param protocol The version that the request came in, as in `Via`.
 * @param origin Undefined if nobody knows the client: then nothing is said of it.
 * @param withForwarded Whether the standard `Forwarded` (RFC 7239) is among them.
 */
export function addedFields(
  said: Said,
  protocol: string,
  origin: Origin | undefined,
  isTrusted: boolean,
  withForwarded: boolean,
): string[] {
  const via = protocol === "1.1" ? VIA : `${protocol} ${PSEUDONYM}`;
  const added = ["via", continued(said.get("via"), via)];
  if (origin === undefined) return added;
  const { address, host, proto } = origin;
  if (isTrusted) {
    added.push("x-forwarded-for", continued(said.get("x-forwarded-for"), address));
    added.push("x-forwarded-host", said.get("x-forwarded-host") ?? host);
    added.push("x-forwarded-proto", said.get("x-forwarded-proto") ?? proto);
  } else {
    added.push("x-forwarded-for", address, "x-forwarded-host", host, "x-forwarded-proto", proto);
  }
  if (!withForwarded) return added;
  const before = isTrusted ? said.get("forwarded") : null;
  added.push("forwarded", continued(before, forwardedElement(origin)));
  return added;
}

/** One hop as a `Forwarded` element: `for=192.0.2.43;host=example.com;proto=https` (RFC 7239 §4). */
export function forwardedElement({ address, host, proto }: Origin): string {
  const node = address.includes(":") ? `"[${address}]"` : address;
  return `for=${node};host=${isToken(host) ? host : quoted(host)};proto=${proto}`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
