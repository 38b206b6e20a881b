import { expect, test } from "bun:test";
import type { StickyConfig } from "../../src/config/types/sticky.ts";
import { messageOf } from "./message-of.ts";
import { poolOf } from "./pool-of.ts";

const backends = ["http://a"];

function resolved(sticky: StickyConfig | false) {
  return poolOf({ backends, sticky }).sticky;
}

test("a cookie needs no more than to be asked for", () => {
  expect<unknown>(resolved({ by: "cookie" })).toEqual({
    by: "cookie",
    name: "lb",
    path: "/",
    domain: "",
    secure: undefined,
    httpOnly: true,
    sameSite: "lax",
    maxAgeSeconds: undefined,
    secret: undefined,
    drainGraceMs: 300_000,
  });
  expect(resolved(false)).toBe(false);
});

test("a table has its defaults too", () => {
  const rules = { drainGraceMs: 300_000, maxSessions: 100_000, idleTimeoutMs: 1_800_000 };
  expect<unknown>(resolved({ by: "ip" })).toEqual({ by: "ip", ...rules });
  expect<unknown>(resolved({ by: "header:X-User" })).toEqual({ by: "header:X-User", ...rules });
});

test("keeps what was said of a cookie", () => {
  const said = {
    by: "cookie",
    name: "__Secure-route",
    path: "/app",
    domain: "example.com",
    secure: true,
    httpOnly: false,
    sameSite: "strict",
    maxAgeSeconds: 3_600,
    secret: "0123456789abcdef",
    drainGraceMs: 0,
  } as const;
  expect<unknown>(resolved(said)).toEqual(said);
});

test.each([{ sameSite: "none" }, { name: "__Host-lb" }, { name: "__secure-lb" }] as const)(
  "%j makes it secure, as browsers take no other",
  (part) => {
    expect(resolved({ by: "cookie", ...part })).toMatchObject({ secure: true });
  },
);

const TABLE = "expected by, drainGraceMs, maxSessions, idleTimeoutMs";
const cases: [unknown, string][] = [
  [7, "sticky: found 7, expected an object or false"],
  [{}, "sticky.by: found nothing, expected cookie, ip or header:NAME"],
  [{ by: "cokie" }, 'sticky.by: found "cokie", expected cookie, ip or header:NAME; did you mean cookie?'],
  [{ by: "header:" }, 'sticky.by: found "header:", expected cookie, ip or header:NAME'],
  [{ by: "header:a b" }, 'sticky.by: found "header:a b", expected cookie, ip or header:NAME'],
  [{ by: "ip", secret: "0123456789abcdef" }, `sticky: found the unknown key "secret", ${TABLE}`],
  [{ by: "ip", maxSessions: 0 }, "sticky.maxSessions: found 0, expected a whole number from 1 to 10000000"],
  [
    { by: "ip", idleTimeoutMs: 0 },
    "sticky.idleTimeoutMs: found 0, expected a number of milliseconds, at least 1",
  ],
  [
    { by: "cookie", maxSession: 1 },
    'sticky: found the unknown key "maxSession", expected by, name, path, domain, secure, httpOnly, sameSite, maxAgeSeconds, secret, drainGraceMs',
  ],
  [{ by: "cookie", name: "a=b" }, 'sticky.name: found "a=b", expected the name of a cookie'],
  [{ by: "cookie", name: 7 }, "sticky.name: found 7, expected the name of a cookie"],
  [
    { by: "cookie", path: "/a; Domain=x" },
    'sticky.path: found "/a; Domain=x", expected a path that begins with /, without ;',
  ],
  [{ by: "cookie", path: "a" }, 'sticky.path: found "a", expected a path that begins with /, without ;'],
  [
    { by: "cookie", domain: "a;b" },
    'sticky.domain: found "a;b", expected the name of a domain, such as example.com',
  ],
  [
    { by: "cookie", domain: "" },
    'sticky.domain: found "", expected the name of a domain, such as example.com',
  ],
  [{ by: "cookie", secure: "yes" }, 'sticky.secure: found "yes", expected true or false'],
  [{ by: "cookie", httpOnly: 1 }, "sticky.httpOnly: found 1, expected true or false"],
  [
    { by: "cookie", sameSite: "Lax" },
    'sticky.sameSite: found "Lax", expected lax, strict or none; did you mean lax?',
  ],
  [
    { by: "cookie", sameSite: "none", secure: false },
    "sticky.secure: found false, expected true, as sameSite none demands",
  ],
  [
    { by: "cookie", name: "__Secure-a", secure: false },
    "sticky.secure: found false, expected true, as the name __Secure-a demands",
  ],
  [
    { by: "cookie", name: "__Host-a", path: "/a" },
    'sticky.name: found "__Host-a", expected a name that does not begin so, or no domain and the path /',
  ],
  [
    { by: "cookie", maxAgeSeconds: 34_560_001 },
    "sticky.maxAgeSeconds: found 34560001, expected a whole number from 1 to 34560000",
  ],
  [{ by: "cookie", secret: "short" }, "sticky.secret: expected at least 16 characters"],
];

test.each(cases)("refuses %j", (sticky, sentence) => {
  expect(messageOf(() => resolved(sticky as StickyConfig))).toBe(sentence);
});
