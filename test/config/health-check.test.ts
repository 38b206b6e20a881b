import { describe, expect, test } from "bun:test";
import { resolveHealthCheck, resolveOwnCheck } from "../../src/config/health-check.ts";
import type { HealthCheckConfig } from "../../src/config/types/health-check.ts";
import { messageOf } from "./message-of.ts";

/** What a config comes to; it is on. */
function rulesOf(config: HealthCheckConfig) {
  const rules = resolveHealthCheck(config);
  if (rules === false) throw new Error("it is off");
  return rules;
}

test("keeps what was said", () => {
  const said = {
    path: "/up?deep=1",
    port: 9_000,
    tls: { serverName: "app.internal", verify: false },
    method: "OPTIONS",
    host: "app.example.com:8080",
    headers: { "x-probe": "caf\u00e9 1" },
    body: /ok|warn/i,
    intervalMs: 500,
    intervalDownMs: 100,
    timeoutMs: 250,
    rise: 2,
    fall: 3,
  } as const;
  const rules = rulesOf({ ...said, status: " 200-204, 404 " });
  expect(rules).toEqual({
    ...said,
    fallsBack: false,
    statuses: [
      [200, 204],
      [404, 404],
    ],
  });
  expect(rulesOf({ status: 418 }).statuses).toEqual([[418, 418]]);
});

test("only the customary path has another to fall back on", () => {
  expect(rulesOf({}).fallsBack).toBe(true);
  expect(rulesOf({ path: "/health" }).fallsBack).toBe(true);
  expect(rulesOf({ path: "/up" }).fallsBack).toBe(false);
  expect(rulesOf({ path: "/" }).fallsBack).toBe(false);
});

test("what a backend has of its own goes before what all have", () => {
  const all = rulesOf({ path: "/up", status: "200", headers: { a: "1" }, intervalMs: 700, rise: 2 });
  expect(resolveOwnCheck("own", {}, all)).toEqual(all);
  const own: HealthCheckConfig = { status: "204", body: "ok", headers: { b: "2" }, fall: 4 };
  expect(resolveOwnCheck("own", own, all)).toEqual({
    ...all,
    statuses: [[204, 204]],
    body: "ok",
    headers: { b: "2" },
    fall: 4,
  });
  expect(resolveOwnCheck("own", { path: "/health" }, all).fallsBack).toBe(true);
  expect(resolveOwnCheck("own", { path: "/x" }, rulesOf({})).fallsBack).toBe(false);
});

describe("refuses", () => {
  const keys =
    "path, port, tls, method, host, headers, status, body, intervalMs, intervalDownMs, timeoutMs, rise, fall";
  const cases: [unknown, string][] = [
    [true, "healthCheck: found true, expected an object or false"],
    ["/health", 'healthCheck: found "/health", expected an object or false'],
    [{ interval: 5 }, 'healthCheck: found the unknown key "interval"; did you mean intervalMs?'],
    [{ every: 5 }, `healthCheck: found the unknown key "every", expected ${keys}`],
    [{ rize: 5 }, 'healthCheck: found the unknown key "rize"; did you mean rise?'],
    [{ path: "up" }, 'healthCheck.path: found "up", expected a path that begins with /, such as /health'],
    [{ path: 5 }, "healthCheck.path: found 5, expected a path that begins with /, such as /health"],
    [{ port: 65_536 }, "healthCheck.port: found 65536, expected a whole number from 0 to 65535"],
    [{ tls: true }, "healthCheck.tls: found true, expected an object or false"],
    [{ tls: { ca: "" } }, 'healthCheck.tls: found the unknown key "ca", expected serverName, verify'],
    [
      { tls: { serverName: "a b" } },
      'healthCheck.tls.serverName: found "a b", expected a name such as app.example.com',
    ],
    [{ tls: { verify: "no" } }, 'healthCheck.tls.verify: found "no", expected true or false'],
    [{ method: "POST" }, 'healthCheck.method: found "POST", expected GET, HEAD or OPTIONS'],
    [{ host: "a b" }, 'healthCheck.host: found "a b", expected a name such as app.example.com'],
    [{ host: "a,b" }, 'healthCheck.host: found "a,b", expected a name such as app.example.com'],
    [{ headers: ["a"] }, 'healthCheck.headers: found ["a"], expected an object'],
    [
      { headers: { "a b": "1" } },
      'healthCheck.headers: found the name "a b", expected one that a check may send',
    ],
    [
      { headers: { Host: "a" } },
      'healthCheck.headers: found the name "Host", expected one that a check may send',
    ],
    [
      { headers: { "Content-Length": "5" } },
      'healthCheck.headers: found the name "Content-Length", expected one that a check may send',
    ],
    [
      { headers: { a: "1\r\nb: 2" } },
      'healthCheck.headers.a: found "1\\r\\nb: 2", expected a text in one line',
    ],
    [{ headers: { a: 1 } }, "healthCheck.headers.a: found 1, expected a text in one line"],
    ...["", "2xx", "99", "200-", "404-200", "200,,204", "1000"].map((status): [unknown, string] => [
      { status },
      `healthCheck.status: found "${status}", expected statuses such as 200-399 or 200,204,404`,
    ]),
    [{ body: 5 }, "healthCheck.body: found 5, expected a text or a pattern"],
    [{ body: "ok", method: "HEAD" }, 'healthCheck.body: found "ok", but the answer to a HEAD has no body'],
    [{ intervalMs: 0 }, "healthCheck.intervalMs: found 0, expected a number of milliseconds, at least 1"],
    [
      { intervalDownMs: -1 },
      "healthCheck.intervalDownMs: found -1, expected a number of milliseconds, at least 0",
    ],
    [{ timeoutMs: 0 }, "healthCheck.timeoutMs: found 0, expected a number of milliseconds, at least 1"],
    [{ rise: 0 }, "healthCheck.rise: found 0, expected a whole number from 1 to 1000"],
    [{ fall: 1001 }, "healthCheck.fall: found 1001, expected a whole number from 1 to 1000"],
  ];
  test.each(cases)("%p", (config, message) => {
    expect(messageOf(() => resolveHealthCheck(config as HealthCheckConfig))).toBe(message);
  });

  test("the same of one backend's, by its place", () => {
    expect(messageOf(() => resolveOwnCheck("own", { rise: 0 }, rulesOf({})))).toBe(
      "own.rise: found 0, expected a whole number from 1 to 1000",
    );
  });
});
