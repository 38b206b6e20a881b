import { describe, expect, test } from "bun:test";
import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { cidrText, isInAny, isInside, parseAddress, parseCidr } from "../../src/config/cidr.ts";
import { messageOf } from "./message-of.ts";

/** Mostly addresses, and text that looks like one. */
const nearAddress = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc
    .array(fc.constantFrom("1", "0", "00", "ff", "255", "256", "10", "abcde", ":", "::", ".", "/"), {
      maxLength: 18,
    })
    .map((parts) => parts.join("")),
  fc.tuple(fc.ipV6(), fc.ipV4()).map(([six, four]) => `${six}:${four}`),
  fc.ipV4().map((four) => `::ffff:${four}`),
  fc.string(),
);

test("takes for an address exactly what the runtime does", () => {
  fc.assert(
    fc.property(nearAddress, (text) => {
      // Zones are of one machine, and no part of a range.
      fc.pre(!text.includes("%"));
      expect([text, parseAddress(text) !== undefined]).toEqual([text, isIP(text) !== 0]);
    }),
    { numRuns: 2_000 },
  );
});

test("agrees with the runtime's BlockList on which address is in which range", () => {
  const range = fc.oneof(
    fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.constant("ipv4" as const)),
    fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 }), fc.constant("ipv6" as const)),
  );
  fc.assert(
    fc.property(
      range,
      fc.oneof(fc.ipV4(), fc.ipV6()),
      fc.nat({ max: 127 }),
      ([base, bits, family], other, flip) => {
        fc.pre(!isMapped(base) && !isMapped(other));
        const list = new BlockList();
        list.addSubnet(base, bits, family);
        const ranges = [parseCidr(`${base}/${bits}`, "x")];
        // Addresses that differ from the range's in one bit find mistakes at its edge.
        for (const address of [base, other, withBitFlipped(base, flip)]) {
          const kind = isIP(address) === 4 ? "ipv4" : "ipv6";
          expect([address, isInAny(ranges, address)]).toEqual([
            address,
            kind === family && list.check(address, kind),
          ]);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

function isMapped(address: string): boolean {
  return address.includes(":") && parseAddress(address)?.length === 4;
}

function withBitFlipped(address: string, bit: number): string {
  const bytes = [...(parseAddress(address) ?? [])];
  const index = (bit >> 3) % bytes.length;
  bytes[index] = (bytes[index] ?? 0) ^ (1 << (bit & 7));
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from(
    { length: 8 },
    (_, group) => ((bytes[2 * group] ?? 0) << 8) | (bytes[2 * group + 1] ?? 0),
  );
  return groups.map((group) => group.toString(16)).join(":");
}

describe("addresses", () => {
  test("an address alone is a range of one", () => {
    expect(parseCidr("192.0.2.1", "x")).toEqual({ bytes: [192, 0, 2, 1], bits: 32 });
    expect(isInAny([parseCidr("::1", "x")], "::1")).toBe(true);
    expect(isInAny([parseCidr("::1", "x")], "::2")).toBe(false);
  });

  test("an IPv4 peer of a socket for both families is the IPv4 address", () => {
    const ranges = [parseCidr("10.0.0.0/8", "x")];
    expect(isInAny(ranges, "::ffff:10.1.2.3")).toBe(true);
    expect(isInAny(ranges, "::ffff:a01:203")).toBe(true);
    expect(isInAny(ranges, "::ffff:11.1.2.3")).toBe(false);
  });

  test("a range of mapped addresses counts its bits as IPv6 does", () => {
    expect(parseCidr("::ffff:10.0.0.0/104", "x")).toEqual({ bytes: [10, 0, 0, 0], bits: 8 });
    expect(parseCidr("::ffff:10.0.0.1", "x")).toEqual({ bytes: [10, 0, 0, 1], bits: 32 });
  });

  test("a peer's zone does not hide it", () => {
    expect(isInAny([parseCidr("fe80::/10", "x")], "fe80::1%eth0")).toBe(true);
  });

  test("nothing is in no range, and what is no address is in none", () => {
    expect(isInAny([], "10.0.0.1")).toBe(false);
    expect(isInAny([parseCidr("0.0.0.0/0", "x")], "")).toBe(false);
    expect(isInAny([parseCidr("0.0.0.0/0", "x")], "unix")).toBe(false);
  });
});

test.each([
  "",
  "10.0.0.0/",
  "10.0.0.0/33",
  "10.0.0.0/-1",
  "10.0.0.0/8/8",
  "10.0.0/8",
  "10.0.0.010",
  "::/129",
  "1::2::3",
  "::ffff:10.0.0.0/24",
  "fe80::1%eth0",
  "localhost",
])("refuses %p", (text) => {
  expect(messageOf(() => parseCidr(text, "trustedProxies"))).toBe(
    `trustedProxies: found "${text}", expected an address or a range such as 10.0.0.0/8 or fd00::/8`,
  );
});

test.each([
  ["10.0.0.0/8", "10.0.0.0/8"],
  ["192.0.2.1", "192.0.2.1/32"],
  ["::", "::/128"],
  ["::1", "::1/128"],
  ["FD00::/8", "fd00::/8"],
  ["2001:db8:0:0:1:0:0:1/64", "2001:db8::1:0:0:1/64"],
  ["::ffff:10.0.0.0/104", "10.0.0.0/8"],
])("the range %s is written %s", (text, expected) => {
  expect(cidrText(parseCidr(text, "k"))).toBe(expected);
});

test("what is written is read as the same range", () => {
  const four = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }));
  const six = fc.tuple(fc.ipV6(), fc.integer({ min: 96, max: 128 }));
  fc.assert(
    fc.property(fc.oneof(four, six), ([address, bits]) => {
      const range = parseCidr(`${address}/${bits}`, "k");
      expect(parseCidr(cidrText(range), "k")).toEqual(range);
    }),
  );
});

test("a range is inside another if all its addresses are", () => {
  const range = (text: string) => parseCidr(text, "k");
  expect(isInside(range("10.1.0.0/16"), range("10.0.0.0/8"))).toBe(true);
  expect(isInside(range("10.0.0.0/8"), range("10.0.0.0/8"))).toBe(true);
  expect(isInside(range("10.0.0.0/8"), range("10.1.0.0/16"))).toBe(false);
  expect(isInside(range("11.0.0.0/16"), range("10.0.0.0/8"))).toBe(false);
  expect(isInside(range("::/8"), range("0.0.0.0/0"))).toBe(false);
});
