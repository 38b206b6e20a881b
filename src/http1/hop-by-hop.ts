/**
 * Fields that are about one hop and end with it, in either direction (RFC 9110 §7.6.1): a fixed few, and
 * whatever else `Connection` names.
 */
export const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
] as const;

/**
 * Fields that a message cannot lose by being named in `Connection`: without them it would mean something
 * else to the next hop than to us.
 */
export const NOT_BY_CONNECTION: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "content-encoding",
  "content-range",
  "authorization",
]);

const NONE: readonly string[] = [];

/**
 * What `namedByConnection` never names. The fixed few are each decided by itself: a body that passes with its
 * framing must keep the field that says so, whatever `Connection` says, and so must the offer of another protocol.
 */
const NEVER_NAMED: ReadonlySet<string> = new Set([...HOP_BY_HOP, ...NOT_BY_CONNECTION]);

/** The fields, in lower case, that a `Connection` takes away besides the fixed few. */
export function namedByConnection(connection: string | null): readonly string[] {
  if (connection === null || connection === "keep-alive" || connection === "close") return NONE;
  const names = connection.split(",").map((option) => option.trim().toLowerCase());
  return names.filter((name) => isToken(name) && !NEVER_NAMED.has(name));
}

/** Removes the hop-by-hop fields and those that `Connection` names. */
export function stripHopByHop(headers: Headers): void {
  for (const name of namedByConnection(headers.get("connection"))) headers.delete(name);
  for (const name of HOP_BY_HOP) headers.delete(name);
}

/** RFC 9110 §5.6.2. */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9a-z]+$/i.test(text);
}
