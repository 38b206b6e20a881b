import { ConfigError } from "./problem.ts";

/** A range of addresses: the first `bits` bits of `bytes`. Four bytes for IPv4, sixteen for IPv6. */
export interface Cidr {
  readonly bytes: readonly number[];
  readonly bits: number;
}

/**
 * Reads `10.0.0.0/8`, `::1`, `fd00::/8`; an address alone is a range of one.
 *
 * @param place What to call it in an error.
 * @throws ConfigError for anything else.
 */
export function parseCidr(text: string, place: string): Cidr {
  const range = readCidr(text);
  if (range !== undefined) return range;
  throw new ConfigError(
    `${place}: found "${text}", expected an address or a range such as 10.0.0.0/8 or fd00::/8`,
  );
}

/** The same; undefined for anything else. */
export function readCidr(text: string): Cidr | undefined {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const bytes = parseAddress(address);
  const suffix = slash < 0 ? undefined : text.slice(slash + 1);
  if (bytes !== undefined) {
    const most = bytes.length * 8;
    // The suffix of an IPv4-mapped address counts from the beginning of the IPv6 one.
    const skipped = address.includes(":") ? 128 - most : 0;
    const bits = suffix === undefined ? most : /^\d{1,3}$/.test(suffix) ? Number(suffix) - skipped : -1;
    if (bits >= 0 && bits <= most) return { bytes, bits };
  }
  return undefined;
}

/** A range as it is written: `10.0.0.0/8`, `fd00::/8`. */
export function cidrText({ bytes, bits }: Cidr): string {
  if (bytes.length === 4) return `${bytes.join(".")}/${bits}`;
  const groups = Array.from({ length: 8 }, (_, index) => {
    const [high = 0, low = 0] = bytes.slice(index * 2);
    return (high * 256 + low).toString(16);
  });
  return `${groups.join(":").replace(/(?:^|:)0(?::0)+(?::|$)/, "::")}/${bits}`;
}

/** Whether an address, as the runtime names the peer of a socket, lies in one of the ranges. */
export function isInAny(ranges: readonly Cidr[], address: string): boolean {
  if (ranges.length === 0) return false;
  // Node names a link-local peer with its zone, `fe80::1%eth0`.
  const bytes = parseAddress(address.split("%", 1)[0] as string);
  return bytes !== undefined && ranges.some((range) => contains(range, bytes));
}

/** Whether all addresses of a range lie in another. */
export function isInside(range: Cidr, other: Cidr): boolean {
  return range.bits >= other.bits && contains(other, range.bytes);
}

function contains(range: Cidr, bytes: readonly number[]): boolean {
  if (range.bytes.length !== bytes.length) return false;
  for (let bit = 0; bit < range.bits; bit += 8) {
    const kept = Math.min(8, range.bits - bit);
    const mask = (0xff << (8 - kept)) & 0xff;
    const index = bit >> 3;
    if (((range.bytes[index] as number) & mask) !== ((bytes[index] as number) & mask)) return false;
  }
  return true;
}

/** The bytes of an IPv4 or IPv6 address; an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) counts as IPv4. */
export function parseAddress(text: string): number[] | undefined {
  if (!text.includes(":")) return parseIpv4(text);
  const bytes = parseIpv6(text);
  const isMapped = bytes?.slice(0, 12).every((byte, index) => byte === (index < 10 ? 0 : 0xff));
  return isMapped ? bytes?.slice(12) : bytes;
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split(".");
  const isValid = (part: string) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255;
  return parts.length === 4 && parts.every(isValid) ? parts.map(Number) : undefined;
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => parseGroups(half, index === halves.length - 1));
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  if (tail === undefined || head.length + tail.length > 14) return undefined;
  return [...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

/** The bytes of colon-separated groups; the very last may be an IPv4 address (RFC 4291 §2.2). */
function parseGroups(text: string, endsAddress: boolean): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    if (group.includes(".")) {
      const ipv4 = endsAddress && index === groups.length - 1 ? parseIpv4(group) : undefined;
      if (ipv4 === undefined) return undefined;
      bytes.push(...ipv4);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}
