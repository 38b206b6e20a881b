import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseCidr } from "../../src/config/cidr.ts";
import { RelayView } from "../../src/front/relay-view.ts";
import { RequestReader } from "../../src/front/request-reader.ts";
import { webRequest } from "../../src/front/web-request.ts";
import { latin1Bytes } from "../../src/http1/latin1.ts";
import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";
import { Malformed } from "../../src/http1/malformed.ts";
import type { ClientInfo } from "../../src/proxy/client.ts";
import type { RequestView } from "../../src/routing/request-view.ts";
import { webView } from "../../src/routing/web-view.ts";

const TRUSTED = [parseCidr("10.0.0.0/8", "trustedProxies"), parseCidr("fd00::/8", "trustedProxies")];

function clientAt(address: string): ClientInfo {
  return { address, port: 1234, tls: false, protocol: "1.1" };
}

/** Everything that a view says. */
function said(view: RequestView, names: readonly string[]) {
  const { method, host, path, query, clientAddress } = view;
  const fields = names.map((name) => [name, view.header(name)]);
  return { method, host, path, query, clientAddress, fields };
}

/** What both ways' views say of a head; undefined if it is refused before anybody would ask. */
function bothSay(head: string, address: string, names: readonly string[]) {
  const reader = new RequestReader(DEFAULT_LIMITS);
  try {
    reader.readHead(latin1Bytes(head), 0);
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
  const request = webRequest(reader, undefined, new AbortController().signal, false);
  if (!(request instanceof Request)) return undefined;
  const client = clientAt(address);
  return {
    bytes: said(new RelayView().of(reader, client, TRUSTED), names),
    web: said(webView(request, client, TRUSTED), names),
  };
}

const PIECES = [
  "/",
  "/",
  ".",
  "..",
  "%2e",
  "%2F",
  "%5C",
  "%",
  "\\",
  "a",
  "{",
  "\xe9",
  "%7e",
  ";b=1",
  "^",
  "|",
];
const path = fc.array(fc.constantFrom(...PIECES), { maxLength: 10 }).map((pieces) => `/${pieces.join("")}`);
const query = fc
  .array(fc.constantFrom("a=b", "&", "c", "%", "%41", "'", '"', "<", "?", "/..", "\xe9", "+"), {
    maxLength: 6,
  })
  .map((pieces) => `?${pieces.join("")}`);
const authority = fc.constantFrom(
  "a.example",
  "A.Example",
  "A.EXAMPLE.:80",
  "a.example:8080",
  "127.0.0.1",
  "[::1]:80",
  "[2001:DB8::A]",
  "x_y-z",
);
const target = fc.oneof(
  fc.tuple(path, fc.oneof(fc.constant(""), query)).map((parts) => parts.join("")),
  fc
    .tuple(authority, fc.oneof(fc.constant(""), path), fc.oneof(fc.constant(""), query))
    .map(([name, ...rest]) => `http://${name}${rest.join("")}`),
);
const NAMES = ["x-a", "cookie", "x-forwarded-for", "accept", "missing"];
const value = fc.constantFrom(
  "",
  "1",
  "a=1",
  "b=2; c=3",
  " \t x \t",
  "\xe9",
  "10.0.0.1",
  "192.0.2.7, 10.1.1.1",
  "::1",
);
const field = fc
  .tuple(fc.constantFrom("X-A", "x-a", "Cookie", "cookie", "X-Forwarded-For", "Accept"), value)
  .map(([name, text]) => `${name}: ${text}\r\n`);
const head = fc
  .record({
    method: fc.constantFrom("GET", "POST", "OPTIONS", "PATCH", "DELETE"),
    target,
    version: fc.constantFrom("1.1", "1.1", "1.0"),
    host: fc.option(authority, { nil: undefined, freq: 8 }),
    fields: fc.array(field, { maxLength: 6 }),
  })
  .map(({ method, target, version, host, fields }) => {
    // A host that is not the target's is refused; mostly it is.
    const own = /^http:\/\/([^/?]*)/.exec(target)?.[1] ?? host;
    const named = own === undefined ? "" : `Host: ${own}\r\n`;
    return `${method} ${target} HTTP/${version}\r\n${named}${fields.join("")}\r\n`;
  });

describe("a request is seen the same way as bytes and as a Request", () => {
  test("whatever it says", () => {
    let seen = 0;
    fc.assert(
      fc.property(head, fc.constantFrom("10.2.3.4", "192.0.2.1", "fd00::1", ""), (text, address) => {
        const both = bothSay(text, address, NAMES);
        if (both === undefined) return;
        seen += 1;
        expect(both.bytes).toEqual(both.web);
      }),
      { numRuns: 2000 },
    );
    expect(seen).toBeGreaterThan(1000);
  });

  test.each([
    ["/a/../b%2f%7e?c=d", "a.example", { path: "/b%2F~", query: "c=d", host: "a.example" }],
    ["/", "A.Example.:8080", { path: "/", query: "", host: "a.example" }],
    ["//a//b", "[::1]:80", { path: "//a//b", query: "", host: "[::1]" }],
    ["http://a.example:80?", "a.example:80", { path: "/", query: "", host: "a.example" }],
    ["http://a.example?b", "a.example", { path: "/", query: "b", host: "a.example" }],
    ["/caf\xc3\xa9?\xe9", "a", { path: "/caf%C3%A9", query: "%E9", host: "a" }],
  ])("%p of %p", (target, host, expected) => {
    const both = bothSay(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, "", []);
    expect(both?.bytes).toMatchObject(expected);
    expect(both?.web).toMatchObject(expected);
  });

  test("with its lines joined as those of its fields are", () => {
    const both = bothSay(
      "GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nCookie: a=1\r\nx-a:  2 \r\ncookie: b=2\r\n\r\n",
      "",
      ["x-a", "cookie", "x"],
    );
    const fields = [
      ["x-a", "1, 2"],
      ["cookie", "a=1; b=2"],
      ["x", null],
    ];
    expect(both?.bytes.fields).toEqual(fields);
    expect(both?.web.fields).toEqual(fields);
  });
});

test("the view of one request says nothing of the one before", () => {
  const reader = new RequestReader(DEFAULT_LIMITS);
  const view = new RelayView();
  const next = (head: string) => {
    reader.reset();
    reader.readHead(latin1Bytes(`${head}\r\n\r\n`), 0);
    return said(view.of(reader, clientAt("10.0.0.1"), TRUSTED), ["x-a"]);
  };
  expect(next("GET /a?b HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-For: 192.0.2.1\r\nX-A: 1")).toEqual({
    method: "GET",
    host: "a.example",
    path: "/a",
    query: "b",
    clientAddress: "192.0.2.1",
    fields: [["x-a", "1"]],
  });
  expect(next("POST /c HTTP/1.1\r\nHost: b.example")).toEqual({
    method: "POST",
    host: "b.example",
    path: "/c",
    query: "",
    clientAddress: "10.0.0.1",
    fields: [["x-a", null]],
  });
  expect(next("GET / HTTP/1.1\r\nHost: b.exampl").host).toBe("b.exampl");
  expect(next(`GET / HTTP/1.1\r\nHost: ${"b".repeat(300)}`).host).toBe("b".repeat(300));
  expect(next("GET / HTTP/1.1\r\nHost: b.exampl").host).toBe("b.exampl");
  expect(next("OPTIONS * HTTP/1.1\r\nHost: a").path).toBe("*");
});

describe("a view of a Request that somebody made", () => {
  test("has the host of its URL", () => {
    const view = webView(new Request("http://User.Example.:81/a%2F?b#c"), undefined, TRUSTED);
    expect(said(view, [])).toEqual({
      method: "GET",
      host: "user.example",
      path: "/a%2F",
      query: "b",
      clientAddress: "",
      fields: [],
    });
  });

  test("believes no list of addresses if the peer is not a proxy that is trusted", () => {
    const request = new Request("http://a/", { headers: { "x-forwarded-for": "192.0.2.1" } });
    expect(webView(request, clientAt("192.0.2.9"), TRUSTED).clientAddress).toBe("192.0.2.9");
    expect(webView(request, clientAt("10.0.0.9"), TRUSTED).clientAddress).toBe("192.0.2.1");
    expect(webView(request, clientAt("10.0.0.9"), []).clientAddress).toBe("10.0.0.9");
  });
});
