import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseCidr } from "../../src/config/cidr.ts";
import type { KeySource } from "../../src/core/picking/picker.ts";
import { relayKey } from "../../src/front/relay-key.ts";
import { RequestReader } from "../../src/front/request-reader.ts";
import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";
import type { ClientInfo } from "../../src/proxy/client.ts";
import { targetOf } from "../../src/proxy/request.ts";
import { requestKey } from "../../src/proxy/request-key.ts";

const TRUSTED = [parseCidr("10.0.0.0/8", "trustedProxies")];
const encoder = new TextEncoder();

function clientAt(address: string): ClientInfo {
  return { address, port: 1234, tls: false, protocol: "1.1" };
}

type Fields = readonly (readonly [name: string, value: string])[];

/** The key of one request, worked out in both ways. */
function keysOf(
  source: KeySource,
  fields: Fields,
  target = "/",
  address = "203.0.113.9",
  isWanted?: (value: string) => boolean,
): [string, string] {
  const client = clientAt(address);
  const reader = new RequestReader(DEFAULT_LIMITS);
  const lines = [["Host", "a"], ...fields].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const bytes = encoder.encode(`GET ${target} HTTP/1.1\r\n${lines}\r\n`);
  expect(reader.readHead(bytes, 0)).toBe(bytes.length);
  const { headers, url } = new Request(`http://a${target}`, { headers: fields as [string, string][] });
  return [
    relayKey(source, TRUSTED, isWanted)(reader, client),
    requestKey(source, TRUSTED, isWanted)(headers, targetOf(url) as string, client),
  ];
}

test.each<[KeySource, Fields, string]>([
  ["header:X-User", [["x-user", "ada"]], "ada"],
  ["header:x-user", [["X-USER", " ada "]], "ada"],
  ["header:X-User", [["X-User-Id", "7"]], ""],
  [
    "header:X-User",
    [
      ["X-User", "ada"],
      ["Accept", "*/*"],
      ["x-user", "bob"],
    ],
    "ada, bob",
  ],
  ["header:X-User", [], ""],
  ["cookie:sid", [["Cookie", "lang=en; sid=7"]], "7"],
  ["cookie:SID", [["Cookie", "sid=7"]], ""],
  ["cookie:sid", [], ""],
  ["ip", [], "203.0.113.9"],
  ["ip", [["X-Forwarded-For", "198.51.100.1"]], "203.0.113.9"],
])("%s of %j is %p, both of a Request and of bytes", (source, fields, key) => {
  expect(keysOf(source, fields)).toEqual([key, key]);
});

test("behind a trusted proxy the address is the client's, also if it comes in several lines", () => {
  const fields: Fields = [
    ["X-Forwarded-For", "1.2.3.4, 198.51.100.1"],
    ["X-Forwarded-For", "10.0.0.2"],
  ];
  expect(keysOf("ip", fields, "/", "10.0.0.1")).toEqual(["198.51.100.1", "198.51.100.1"]);
});

test.each(["/", "/a/b?c=d&e", "/?", "//x", "/%2f"])(
  "uri of %s is path and query, byte for byte",
  (target) => {
    expect(keysOf("uri", [], target)).toEqual([target, target]);
  },
);

test("a cookie on a second line is found there", () => {
  const fields: Fields = [
    ["Cookie", "lang=en"],
    ["Cookie", "sid=7"],
  ];
  expect(keysOf("cookie:sid", fields)[0]).toBe("7");
});

test("of several cookies the first that is wanted is found, in both ways", () => {
  const fields: Fields = [["Cookie", "sid=a; sid=b; x=wanted; sid=wanted 1; sid=wanted2; sid=wanted3"]];
  const isWanted = (value: string) => value.startsWith("wanted");
  expect(keysOf("cookie:sid", fields, "/", "203.0.113.9", isWanted)).toEqual(["wanted2", "wanted2"]);
  expect(keysOf("cookie:sid", fields, "/", "203.0.113.9", () => false)).toEqual(["", ""]);
});

test("nobody knows the client: there is no key", () => {
  expect(requestKey("ip", TRUSTED)(new Headers(), "/", undefined)).toBe("");
});

test("both ways agree on whatever fields there are", () => {
  const name = fc.constantFrom("x-user", "X-User", "Cookie", "X-Forwarded-For", "Accept");
  const value = fc.stringMatching(/^[!-~]([ -~]{0,14}[!-~])?$/);
  const source = fc.constantFrom<KeySource>("header:X-User", "cookie:sid", "ip");
  // One line of cookies: how a runtime joins several is its own affair.
  const isOneCookie = (fields: Fields) => fields.filter(([field]) => field === "Cookie").length < 2;
  const fields = fc.array(fc.tuple(name, value), { maxLength: 6 }).filter(isOneCookie);
  fc.assert(
    fc.property(source, fields, (source, fields) => {
      const [ofBytes, ofRequest] = keysOf(source, fields, "/", "10.0.0.1");
      expect(ofBytes).toBe(ofRequest);
    }),
  );
});
