/** Which origins may read answers (Fetch §3.2.1). */

/** Longer than any: a name has 253 characters at most (RFC 1035 §2.3.4). It bounds what an expression is run on. */
const MOST_CHARACTERS = 300;

/** What may stand for `*` in `https://*.example.com`: labels of a host name, and nothing that ends one. */
const LABELS = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

/**
 * Whether an `Origin` is one of these.
 *
 * @param origins Each is an origin as browsers write it, `*` for any, one with `*.` before the host for any name
 *   below it, or an expression that the whole origin must match: one that matches a part would let
 *   `https://example.com.evil.test` in.
 */
export function originMatcher(origins: readonly (string | RegExp)[]): (origin: string) => boolean {
  const exact = new Set<string>();
  const matchers: ((origin: string) => boolean)[] = [];
  for (const origin of origins) {
    if (origin === "*") return () => true;
    if (typeof origin !== "string") matchers.push(wholeMatch(origin));
    else if (origin.includes("://*.")) matchers.push(subdomainMatch(origin));
    else exact.add(origin);
  }
  if (matchers.length === 0) return (origin) => exact.has(origin);
  return (origin) => {
    if (exact.has(origin)) return true;
    return origin.length <= MOST_CHARACTERS && matchers.some((matches) => matches(origin));
  };
}

/** Without the flags that make an expression remember where it was. */
function wholeMatch({ source, flags }: RegExp): (origin: string) => boolean {
  const whole = new RegExp(`^(?:${source})$`, flags.replace(/[gmy]/g, ""));
  return (origin) => whole.test(origin);
}

function subdomainMatch(origin: string): (origin: string) => boolean {
  const star = origin.indexOf("*");
  const before = origin.slice(0, star);
  const after = origin.slice(star + 1);
  return (found) =>
    found.length > before.length + after.length &&
    found.startsWith(before) &&
    found.endsWith(after) &&
    LABELS.test(found.slice(before.length, -after.length));
}
