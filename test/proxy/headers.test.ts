import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { forwardedElement, setForwarding, stripForwarding, stripHopByHop } from "../../src/proxy/headers.ts";

const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

function stripped(fields: Record<string, string>): Record<string, string> {
  const headers = new Headers(fields);
  stripHopByHop(headers);
  return Object.fromEntries(headers);
}

describe("hop-by-hop fields", () => {
  test.each(HOP_BY_HOP)("%s never passes, alone or with Connection", (name) => {
    expect(stripped({ [name]: "x", accept: "*/*" })).toEqual({ accept: "*/*" });
    expect(stripped({ connection: "close", [name]: "x", accept: "*/*" })).toEqual({ accept: "*/*" });
  });

  test("what Connection names goes with it, in any case and spacing", () => {
    const fields = { connection: "close, X-Hop ,\tX-OTHER", "x-hop": "1", "x-other": "2", "x-end": "3" };
    expect(stripped(fields)).toEqual({ "x-end": "3" });
  });

  test.each(["keep-alive", "Keep-Alive", "close", "CLOSE", "upgrade", "keep-alive, Upgrade"])(
    "Connection: %s names nothing else",
    (connection) => {
      expect(stripped({ connection, accept: "*/*" })).toEqual({ accept: "*/*" });
    },
  );

  test("Connection cannot take away what a message needs to mean the same", () => {
    const needed = {
      host: "example.com",
      "content-length": "3",
      "content-encoding": "gzip",
      "content-range": "bytes 0-2/9",
      authorization: "Bearer x",
    };
    expect(stripped({ ...needed, connection: Object.keys(needed).join(", ") })).toEqual(needed);
  });

  test("a Connection of nonsense does no harm", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii", maxLength: 40 }), (connection) => {
        const headers = new Headers({ "x-end": "1" });
        headers.set("connection", connection);
        fc.pre(
          !connection
            .toLowerCase()
            .split(",")
            .some((name) => name.trim() === "x-end"),
        );
        stripHopByHop(headers);
        expect(Object.fromEntries(headers)).toEqual({ "x-end": "1" });
      }),
    );
  });

  test("any field passes exactly if it is neither hop-by-hop nor named", () => {
    const name = fc.stringMatching(/^x-[a-z]{1,4}$/);
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { maxLength: 8 }),
        fc.array(name, { maxLength: 4 }),
        (names, named) => {
          const fields = Object.fromEntries(names.map((name) => [name, "1"]));
          const left = stripped({ ...fields, connection: ["close", ...named].join(",") });
          expect(Object.keys(left).sort()).toEqual(names.filter((name) => !named.includes(name)).sort());
        },
      ),
    );
  });

  test("repeated fields stay apart where the runtime keeps them apart", () => {
    const headers = new Headers();
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT");
    stripHopByHop(headers);
    expect(headers.getSetCookie()).toEqual(["a=1", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"]);
  });
});

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
  };
  const origin = { address: "192.0.2.7", host: "example.com", proto: "http" } as const;

  test("a stranger's own words are replaced, every one", () => {
    const headers = new Headers(spoofed);
    setForwarding(headers, { ...origin, isTrusted: false }, false);
    expect(Object.fromEntries(headers)).toEqual({
      "x-forwarded-for": "192.0.2.7",
      "x-forwarded-host": "example.com",
      "x-forwarded-proto": "http",
    });
  });

  test("a trusted proxy's are kept, and its own address is added", () => {
    const headers = new Headers(spoofed);
    setForwarding(headers, { ...origin, isTrusted: true }, true);
    expect(Object.fromEntries(headers)).toEqual({
      ...spoofed,
      "x-forwarded-for": "1.1.1.1, 192.0.2.7",
      forwarded: "for=1.1.1.1, for=192.0.2.7;host=example.com;proto=http",
    });
  });

  test("what a trusted proxy does not say is said for it", () => {
    const headers = new Headers();
    setForwarding(headers, { ...origin, isTrusted: true }, false);
    expect(Object.fromEntries(headers)).toEqual({
      "x-forwarded-for": "192.0.2.7",
      "x-forwarded-host": "example.com",
      "x-forwarded-proto": "http",
    });
  });

  test("where nobody knows the client, nothing is believed and nothing said", () => {
    const headers = new Headers({ ...spoofed, accept: "*/*" });
    stripForwarding(headers);
    expect(Object.fromEntries(headers)).toEqual({ accept: "*/*" });
  });
});

describe("Forwarded, RFC 7239", () => {
  test.each([
    ["192.0.2.43", "example.com", "https", "for=192.0.2.43;host=example.com;proto=https"],
    ["2001:db8::17", "example.com", "http", 'for="[2001:db8::17]";host=example.com;proto=http'],
    ["192.0.2.43", "example.com:8080", "http", 'for=192.0.2.43;host="example.com:8080";proto=http'],
    ["192.0.2.43", "[::1]:80", "http", 'for=192.0.2.43;host="[::1]:80";proto=http'],
    ["192.0.2.43", 'a"b\\c', "http", 'for=192.0.2.43;host="a\\"b\\\\c";proto=http'],
    // A peer without an address, as on a Unix socket (§6.2).
    ["unknown", "example.com", "http", "for=unknown;host=example.com;proto=http"],
  ])("%p asking for %p", (address, host, proto, element) => {
    expect(forwardedElement(address, host, proto)).toBe(element);
  });

  test("whatever the Host, it reads back the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii", minLength: 1 }), (host) => {
        const element = forwardedElement("192.0.2.1", host, "http");
        const value = element.slice("for=192.0.2.1;host=".length, -";proto=http".length);
        const read = value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/gs, "$1") : value;
        expect(read).toBe(host);
        if (!value.startsWith('"')) expect(value).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);
      }),
    );
  });
});
