import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseCidr } from "../../src/config/cidr.ts";
import type { ClientInfo } from "../../src/proxy/client.ts";
import { forwardedElement } from "../../src/proxy/headers.ts";
import { Outbound } from "../../src/proxy/outbound.ts";
import { outboundOf } from "../../src/proxy/request.ts";

const CLIENT: ClientInfo = { address: "192.0.2.7", port: 4711, tls: false, protocol: "1.1" };

/** The request that a backend gets for one with these fields. */
function sent(
  fields: Record<string, string>,
  client: ClientInfo | undefined,
  isTrusted = false,
  forwarded = false,
): Outbound {
  const request = { method: "GET", url: "http://example.com/", headers: new Headers(fields) } as Request;
  const trustedProxies = isTrusted ? [parseCidr("192.0.2.7", "test")] : [];
  const outbound = outboundOf(request, client, { trustedProxies, forwarded });
  if (!(outbound instanceof Outbound)) throw new Error(outbound.detail);
  return outbound;
}

/** The same fields twice: as `Headers`, and one by one. Both must say the same, and only that is given. */
function fieldsOf(outbound: Outbound): Record<string, string> {
  const each: [string, string][] = [];
  outbound.eachField((value, name) => each.push([name, value]));
  const headers = [...outbound.headers];
  expect(each.toSorted()).toEqual(headers.toSorted());
  return Object.fromEntries(each);
}

/** What is said of a request's origin. */
function described(...what: Parameters<typeof sent>): Record<string, string> {
  const { host, via, ...fields } = fieldsOf(sent(...what));
  expect([host, via]).toEqual(["example.com", "1.1 lb"]);
  return fields;
}

describe("where a request came from", () => {
  const spoofed = {
    forwarded: "for=1.1.1.1",
    "x-forwarded-for": "1.1.1.1",
    "x-forwarded-host": "evil.example",
    "x-forwarded-port": "1",
    "x-forwarded-prefix": "/evil",
    "x-forwarded-proto": "https",
    "x-forwarded-server": "evil",
    "x-real-ip": "1.1.1.1",
    "x-forwarded-ssl": "on",
    "x-client-ip": "1.1.1.1",
    x_forwarded_for: "1.1.1.1",
    proxy: "http://evil.example",
  };
  const own = {
    "x-forwarded-for": "192.0.2.7",
    "x-forwarded-host": "example.com",
    "x-forwarded-proto": "http",
  };

  test("a stranger's own words are replaced, every one", () => {
    expect(described(spoofed, CLIENT)).toEqual(own);
    const forwarded = "for=192.0.2.7;host=example.com;proto=http";
    expect(described(spoofed, CLIENT, false, true)).toEqual({ ...own, forwarded });
  });

  test("a trusted proxy's are kept, and its own address is added", () => {
    const continued = { ...spoofed, "x-forwarded-for": "1.1.1.1, 192.0.2.7" };
    expect(described(spoofed, CLIENT, true)).toEqual(continued);
    expect(described(spoofed, CLIENT, true, true)).toEqual({
      ...continued,
      forwarded: "for=1.1.1.1, for=192.0.2.7;host=example.com;proto=http",
    });
  });

  test("what a trusted proxy does not say is said for it", () => {
    expect(described({}, CLIENT, true)).toEqual(own);
  });

  test("where nobody knows the client, nothing is believed and nothing said", () => {
    expect(described({ ...spoofed, accept: "*/*" }, undefined)).toEqual({ accept: "*/*" });
  });

  test("whatever the fields, they are the same one by one and as Headers", () => {
    const name = fc.constantFrom(
      ...Object.keys(spoofed),
      "accept",
      "connection",
      "expect",
      "te",
      "upgrade",
      "via",
      "x-a",
    );
    const fields = fc.dictionary(name, fc.constantFrom("1", "a, b", "close", "x-a", "x-a, via"));
    const client = fc.constantFrom(undefined, CLIENT);
    fc.assert(
      fc.property(fields, client, fc.boolean(), fc.boolean(), (...what) => {
        expect(fieldsOf(sent(...what))).toBeDefined();
      }),
    );
  });
});

describe("Forwarded, RFC 7239", () => {
  test.each<[address: string, host: string, proto: "http" | "https", element: string]>([
    ["192.0.2.43", "example.com", "https", "for=192.0.2.43;host=example.com;proto=https"],
    ["2001:db8::17", "example.com", "http", 'for="[2001:db8::17]";host=example.com;proto=http'],
    ["192.0.2.43", "example.com:8080", "http", 'for=192.0.2.43;host="example.com:8080";proto=http'],
    ["192.0.2.43", "[::1]:80", "http", 'for=192.0.2.43;host="[::1]:80";proto=http'],
    ["192.0.2.43", 'a"b\\c', "http", 'for=192.0.2.43;host="a\\"b\\\\c";proto=http'],
    // A peer without an address, as on a Unix socket (§6.2).
    ["unknown", "example.com", "http", "for=unknown;host=example.com;proto=http"],
  ])("%p asking for %p", (address, host, proto, element) => {
    expect(forwardedElement({ address, host, proto })).toBe(element);
  });

  test("whatever the Host, it reads back the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii", minLength: 1 }), (host) => {
        const element = forwardedElement({ address: "192.0.2.1", host, proto: "http" });
        const value = element.slice("for=192.0.2.1;host=".length, -";proto=http".length);
        const read = value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/gs, "$1") : value;
        expect(read).toBe(host);
        if (!value.startsWith('"')) expect(value).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);
      }),
    );
  });
});
