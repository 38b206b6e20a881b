/** Which hosts a route is for. */
export interface HostPattern {
  /** As it was written. */
  readonly text: string;
  /** In lower case, without `*.`, a port or a dot at the end. */
  readonly name: string;
  /** Whether it is for the names below this one, at any depth, and not for the name itself. */
  readonly isWildcard: boolean;
}

/**
 * Reads the pattern of a host: a name or an address, `a.example.com` or `[::1]`, or `*.example.com` for all names
 * below that one. A name in another script is compared as its ASCII form (RFC 5891), which is what clients send.
 *
 * @returns What it should be, in words, if it is none.
 */
export function readHostPattern(text: string): HostPattern | string {
  if (text === "*")
    return "a name behind the *, as in *.example.com; a route without host is for all of them";
  const isWildcard = text.startsWith("*.");
  const name = isWildcard ? text.slice(2) : text;
  if (name.includes("*")) return "a * only in place of the first names, as in *.example.com";
  if (/^[^[\]:/]+:\d*$|\]:\d*$/.test(name)) return "a host without its port";
  const ascii = asciiName(name);
  if (ascii === undefined) return "a host such as api.example.com or *.example.com";
  return { text, name: ascii, isWildcard };
}

/** Whether a host, in lower case and without port, is one that the pattern is for. */
export function matchesHost({ name, isWildcard }: HostPattern, host: string): boolean {
  return isWildcard ? host.length > name.length + 1 && host.endsWith(`.${name}`) : host === name;
}

/** In lower case, and other scripts as URLs have them; undefined if it is no name. */
function asciiName(name: string): string | undefined {
  const plain = name.toLowerCase().replace(/\.$/, "");
  if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(plain) || /^\[[0-9a-f:.]+\]$/.test(plain)) return plain;
  // A URL's parser takes more than names for a host, and reads some of it as something else.
  if (/^[\0-\x7f]*$/.test(plain) || !/^[a-z0-9_.\-\x80-\u{10ffff}]+$/u.test(plain)) return undefined;
  try {
    return new URL(`http://${plain}`).hostname;
  } catch {
    // It is no name in any script: whoever called says so, with the place.
    return undefined;
  }
}
