import { describe, expect, test } from "bun:test";
import { MIDDLEWARE_SCHEMAS, type MiddlewareName } from "../../../src/config/middleware/index.ts";
import { check } from "../../../src/config/schema/check.ts";
import { messageOf } from "../message-of.ts";

const local = { bytes: [127, 0, 0, 1], bits: 32 };

const keyFunction = () => "all";
const RATE = {
  algorithm: "sliding-window",
  key: { by: "ip" },
  ipv6PrefixBits: 64,
  maxKeys: 100_000,
  inResponse: true,
};

const TAKEN: [MiddlewareName, unknown, unknown][] = [
  ["addPrefix", "/v2", { prefix: "/v2" }],
  ["addPrefix", { prefix: "/v2/a%20b" }, { prefix: "/v2/a%20b" }],
  ["stripPrefix", "/api", { prefix: "/api", forwardedPrefix: false }],
  ["stripPrefix", { prefix: "/api", forwardedPrefix: true }, { prefix: "/api", forwardedPrefix: true }],
  ["rewrite", { pattern: /^\/a/i, to: "/b" }, { pattern: /^\/a/i, to: "/b" }],
  ["rewrite", { pattern: "^.a", to: "" }, { pattern: /^.a/, to: "" }],
  ["rewrite", { pattern: { pattern: "^.a", flags: "i" }, to: "/b" }, { pattern: /^.a/i, to: "/b" }],
  ["requestHeaders", {}, { remove: [], set: [], add: [] }],
  [
    "requestHeaders",
    { remove: ["X-A"], set: { "X-B": "1", Host: "inner" }, add: { "X-C": ["2", "3"], "x-d": "4" } },
    {
      remove: ["x-a"],
      set: [
        ["x-b", "1"],
        ["host", "inner"],
      ],
      add: [
        ["x-c", "2"],
        ["x-c", "3"],
        ["x-d", "4"],
      ],
    },
  ],
  [
    "responseHeaders",
    { set: { "x-forwarded-for": "1" } },
    { remove: [], set: [["x-forwarded-for", "1"]], add: [] },
  ],
  ["redirect", { to: "/new/" }, { https: false, to: "/new/", status: 302, keepQuery: true }],
  [
    "redirect",
    { to: "https://x.test{path}{query}", status: 301, keepQuery: false },
    { https: false, to: "https://x.test{path}{query}", status: 301, keepQuery: false },
  ],
  [
    "redirect",
    { to: "https://{host}{path}" },
    { https: false, to: "https://{host}{path}", status: 302, keepQuery: true },
  ],
  ["redirect", { to: "{path}/" }, { https: false, to: "{path}/", status: 302, keepQuery: true }],
  ["redirect", { https: true }, { https: true, port: 443, status: 308 }],
  ["redirect", { https: true, port: 8443, status: 307 }, { https: true, port: 8443, status: 307 }],
  ["respond", {}, { status: 200, body: "", headers: [] }],
  ["respond", { status: 204 }, { status: 204, body: "", headers: [] }],
  [
    "respond",
    { body: "a" },
    { status: 200, body: "a", headers: [["content-type", "text/plain; charset=utf-8"]] },
  ],
  [
    "respond",
    { body: "{}", headers: { "Content-Type": "application/json" } },
    { status: 200, body: "{}", headers: [["content-type", "application/json"]] },
  ],
  [
    "maintenance",
    { allow: ["127.0.0.1"] },
    { enabled: true, retryAfterSeconds: 300, contentType: "text/html; charset=utf-8", allow: [local] },
  ],
  ["ipAccess", { deny: ["127.0.0.1"] }, { allow: [], deny: [local] }],
  ["requestId", {}, { header: "x-request-id", keepTrusted: true, inResponse: true }],
  ["limits", { maxRequestBytes: 0 }, { maxRequestBytes: 0 }],
  [
    "faults",
    { delay: { delayMs: 0.5 + 1 }, abort: {} },
    { delay: { delayMs: 1.5, percent: 100 }, abort: { status: 503, percent: 100 } },
  ],
  ["faults", { abort: { status: 418, percent: 0.01 } }, { abort: { status: 418, percent: 0.01 } }],
  ["rateLimit", { perSecond: 100 }, { ...RATE, requests: 100, windowMs: 1_000, burst: 100 }],
  [
    "rateLimit",
    { requests: 5, windowMs: 60_000, algorithm: "token-bucket", key: "header:X-Key", name: "logins" },
    {
      ...RATE,
      requests: 5,
      windowMs: 60_000,
      burst: 5,
      algorithm: "token-bucket",
      key: { by: "header", name: "x-key" },
      name: "logins",
    },
  ],
  [
    "rateLimit",
    { perSecond: 5, algorithm: "token-bucket", burst: 20, key: "cookie:Id" },
    {
      ...RATE,
      requests: 5,
      windowMs: 1_000,
      burst: 20,
      algorithm: "token-bucket",
      key: { by: "cookie", name: "Id" },
    },
  ],
  [
    "rateLimit",
    { perSecond: 5, key: keyFunction },
    { ...RATE, requests: 5, windowMs: 1_000, burst: 5, key: keyFunction },
  ],
];

test.each(TAKEN)("%s takes %j", (name, options, rules) => {
  expect<unknown>(check(MIDDLEWARE_SCHEMAS[name], options)).toEqual(rules);
});

const A_PREFIX = "expected a path that begins with / and does not end in one, such as /api";
const A_TARGET = "expected a path such as /new/ or a URL such as https://example.com{path}";

const REFUSED: [MiddlewareName, unknown, string][] = [
  ...["", "/", "api", "/api/", "//a", "/a?b", "/a#b", "/ü", "/a\\b"].map(
    (prefix): [MiddlewareName, unknown, string] => [
      "stripPrefix",
      prefix,
      `stripPrefix: found ${JSON.stringify(prefix)}, ${A_PREFIX}`,
    ],
  ),
  ["addPrefix", "/a/../b", `addPrefix: found "/a/../b", ${A_PREFIX}, without . and ..`],
  ["addPrefix", { prefix: "/a/%2E" }, `addPrefix.prefix: found "/a/%2E", ${A_PREFIX}, without . and ..`],
  ["addPrefix", 5, "addPrefix: found 5, expected an object"],
  [
    "rewrite",
    { pattern: /a/g, to: "" },
    "rewrite.pattern: found /a/g, expected it without the flags g and y: a path is rewritten once",
  ],
  [
    "rewrite",
    { pattern: "a" },
    "rewrite.to: found nothing, expected a text without line ends, such as /users/$1",
  ],
  [
    "requestHeaders",
    { set: { TE: "trailers", "x-ok": "1" }, remove: ["X-Forwarded-For"] },
    [
      'requestHeaders.remove: found "x-forwarded-for", expected another header: the balancer writes it itself',
      'requestHeaders.set.TE: found "TE", expected another header: it ends at the balancer',
    ].join("\n"),
  ],
  [
    "responseHeaders",
    { add: { "Content-Length": "5" } },
    'responseHeaders.add.Content-Length: found "Content-Length", expected another header: it says where the body ends',
  ],
  [
    "responseHeaders",
    { set: { "x-a": "a\nb" } },
    'responseHeaders.set.x-a: found "a\\nb", expected a text in one line',
  ],
  [
    "responseHeaders",
    { set: { "a b": "1" } },
    'responseHeaders.set: found the name "a b", expected the name of a header, such as x-user',
  ],
  ["redirect", {}, "redirect: found neither, expected either to or https: true"],
  ["redirect", { to: "/a", https: true }, "redirect: found both, expected either to or https: true"],
  ["redirect", { to: "/a", port: 1 }, "redirect.port: found 1 without https: true"],
  [
    "redirect",
    { https: true, keepQuery: true },
    "redirect.keepQuery: found true with https: true, which keeps it",
  ],
  ...[
    "",
    "new",
    "//evil.test",
    "/\\evil.test",
    "ftp://a.test/",
    "javascript:alert(1)",
    "/{a",
    "/a}",
    "/a b",
  ].map((to): [MiddlewareName, unknown, string] => [
    "redirect",
    { to },
    `redirect.to: found ${JSON.stringify(to)}, ${A_TARGET}`,
  ]),
  [
    "redirect",
    { to: "/", status: 300 },
    "redirect.status: found 300, expected 301, 302, 303, 307 or 308; did you mean 301?",
  ],
  [
    "respond",
    { status: 204, body: "a" },
    "respond.body: found a body, expected none: an answer of 204 has no body",
  ],
  ["ipAccess", {}, "ipAccess: found nobody, expected addresses in allow or deny"],
  [
    "ipAccess",
    { allow: ["here"] },
    'ipAccess.allow: found "here", expected an address or a range such as 10.0.0.0/8 or fd00::/8',
  ],
  ["limits", {}, "limits: found none, expected maxRequestBytes, maxResponseBytes or maxHeaderBytes"],
  ["faults", {}, "faults: found neither, expected delay or abort"],
  ["faults", { abort: { percent: 101 } }, "faults.abort.percent: found 101, expected a number from 0 to 100"],
  ...[
    [{}, "no limit"],
    [{ requests: 5 }, "requests alone"],
    [{ windowMs: 5 }, "windowMs alone"],
    [{ perSecond: 5, windowMs: 5 }, "perSecond beside requests or windowMs"],
  ].map(([options, found]): [MiddlewareName, unknown, string] => [
    "rateLimit",
    options,
    `rateLimit: found ${found}, expected requests and windowMs, or perSecond`,
  ]),
  [
    "rateLimit",
    { perSecond: 5, burst: 5 },
    "rateLimit.burst: found 5 with the sliding-window, expected it with the token-bucket alone",
  ],
  [
    "rateLimit",
    { perSecond: 5, key: "header:" },
    'rateLimit.key: found "header:", expected ip, route, header:NAME, cookie:NAME, or a function',
  ],
  ["rateLimit", { perSecond: 0 }, "rateLimit.perSecond: found 0, expected a whole number from 1 to 1000000"],
  ["requestId", { heder: "x" }, 'requestId: found the unknown key "heder"; did you mean header?'],
];

test.each(REFUSED)("%s refuses %j", (name, options, message) => {
  expect(messageOf(() => check(MIDDLEWARE_SCHEMAS[name], options, name))).toBe(message);
});

describe("every middleware", () => {
  test.each(Object.entries(MIDDLEWARE_SCHEMAS))("%s has a name for types and a docstring", (name, schema) => {
    expect(schema.name).toBe(`${name[0]?.toUpperCase()}${name.slice(1)}Config`);
    expect(schema.doc).toMatch(/^[A-Z].*\.$/);
  });
});
