import { expect, test } from "bun:test";
import { type Cidr, parseCidr } from "../../src/config/cidr.ts";
import { clientAddress } from "../../src/proxy/client-address.ts";

const TRUSTED: readonly Cidr[] = ["10.0.0.0/8", "fd00::/8"].map((text) => parseCidr(text, "trustedProxies"));

test.each([
  ["a stranger's word counts for nothing", "203.0.113.9", "198.51.100.1", "203.0.113.9"],
  ["a trusted proxy tells who its client is", "10.0.0.1", "198.51.100.1", "198.51.100.1"],
  ["so do those before it", "10.0.0.1", "198.51.100.1, 10.0.0.3, 10.0.0.2", "198.51.100.1"],
  [
    "what the client itself wrote before that does not count",
    "10.0.0.1",
    "1.2.3.4, 198.51.100.1",
    "198.51.100.1",
  ],
  ["if all are trusted, the first of them is the client", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
  ["one that says nothing is the client", "10.0.0.1", null, "10.0.0.1"],
  ["nothing between commas is nobody", "10.0.0.1", "198.51.100.1, , ", "198.51.100.1"],
  ["nothing at all", "10.0.0.1", "", "10.0.0.1"],
  ["only commas", "10.0.0.1", ",,,", "10.0.0.1"],
  ["what is no address is still somebody", "10.0.0.1", "unknown", "unknown"],
  ["a port is no part of who it is", "10.0.0.1", "198.51.100.1:4711", "198.51.100.1"],
  ["nor of a proxy that is believed", "10.0.0.1", "198.51.100.1:4711, 10.0.0.2:80", "198.51.100.1"],
  ["an IPv6 address with a port", "10.0.0.1", "[2001:db8::1]:4711, [fd00::2]:80", "2001:db8::1"],
  ["an IPv6 address in brackets", "10.0.0.1", "[2001:db8::1]", "2001:db8::1"],
  ["what is in brackets and more", "10.0.0.1", "[2001:db8::1]x", "[2001:db8::1]x"],
  ["IPv6", "fd00::1", "2001:db8::1, fd00::2", "2001:db8::1"],
])("%s", (_, peer, forwardedFor, address) => {
  expect(clientAddress(peer, forwardedFor, TRUSTED)).toBe(address);
});

test("nobody is trusted: the peer is the client", () => {
  expect(clientAddress("10.0.0.1", "198.51.100.1", [])).toBe("10.0.0.1");
});

test("a list without end is followed for 32 proxies", () => {
  const list = Array.from({ length: 5_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  expect(clientAddress("10.9.9.9", list.join(", "), TRUSTED)).toBe(list.at(-32) as string);
});
