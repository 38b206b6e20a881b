import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ownProbes, parseBackends } from "../../src/config/backends.ts";
import { resolveHealthCheck } from "../../src/config/health-check.ts";
import type { ResolvedBackend } from "../../src/config/resolved.ts";
import type { BackendConfig } from "../../src/config/types/backends.ts";
import { messageOf } from "./message-of.ts";

describe("reads", () => {
  const cases: [string, BackendConfig, ResolvedBackend][] = [
    ["a URL", "http://a:8081", { origin: "http://a:8081", weight: 1, tier: 0 }],
    ["a trailing slash", "http://a:8081/", { origin: "http://a:8081", weight: 1, tier: 0 }],
    ["https", "https://a", { origin: "https://a", weight: 1, tier: 0 }],
    ["a default port", "http://a:80", { origin: "http://a", weight: 1, tier: 0 }],
    ["an IPv6 address", "http://[::1]:9", { origin: "http://[::1]:9", weight: 1, tier: 0 }],
    ["upper case", "HTTP://A:1", { origin: "http://a:1", weight: 1, tier: 0 }],
    ["a Unix socket", "unix:/run/app.sock", { origin: "unix:/run/app.sock", weight: 1, tier: 0 }],
    ["a Unix socket in upper case", "UNIX:/Run/App", { origin: "unix:/Run/App", weight: 1, tier: 0 }],
    [
      "a Unix socket with options",
      "unix:/run/app.sock;weight=3;tier=1",
      { origin: "unix:/run/app.sock", weight: 3, tier: 1 },
    ],
    [
      "a Unix socket whose name has a semicolon, as an object",
      { url: "unix:/run/a;b c", tier: 1 },
      { origin: "unix:/run/a;b c", weight: 1, tier: 1 },
    ],
    [
      "the longest path of a Unix socket",
      `unix:/${"a".repeat(106)}`,
      { origin: `unix:/${"a".repeat(106)}`, weight: 1, tier: 0 },
    ],
    ["options", "http://a:1;weight=3;tier=1", { origin: "http://a:1", weight: 3, tier: 1 }],
    ["options with spaces", " http://a:1 ; weight = 3 ", { origin: "http://a:1", weight: 3, tier: 0 }],
    ["an object", { url: "http://a:1" }, { origin: "http://a:1", weight: 1, tier: 0 }],
    [
      "all of an object",
      { url: "http://a:1", weight: 1000, tier: 100, maxInFlight: 7, drain: true },
      { origin: "http://a:1", weight: 1000, tier: 100, maxInFlight: 7, drain: true },
    ],
    [
      "a limit and a drain",
      "http://a:1;max-in-flight=100;drain",
      { origin: "http://a:1", weight: 1, tier: 0, maxInFlight: 100, drain: true },
    ],
    [
      "no limit, where all others have one",
      "http://a:1;max-in-flight=0",
      { origin: "http://a:1", weight: 1, tier: 0, maxInFlight: 0 },
    ],
    ["no drain", { url: "http://a:1", drain: false }, { origin: "http://a:1", weight: 1, tier: 0 }],
  ];
  test.each(cases)("%s", (_, backend, spec) => {
    expect(parseBackends([backend])).toEqual([spec]);
  });

  test("any weight and tier within their ranges, as text or as numbers", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 100 }), (weight, tier) => {
        const spec = { origin: "http://a:1", weight, tier };
        expect(parseBackends([`http://a:1;weight=${weight};tier=${tier}`])).toEqual([spec]);
        expect(parseBackends([{ url: "http://a:1", weight, tier }])).toEqual([spec]);
      }),
    );
  });
});

test("what is different in a backend's checks goes before what all have", () => {
  const all = resolveHealthCheck({ path: "/up", timeoutMs: 500, fall: 2 });
  const own = { path: "/own", rise: 3 };
  const backends = parseBackends(["http://a", { url: "http://b", healthCheck: own }], all);
  expect(backends[0]).toEqual({ origin: "http://a", weight: 1, tier: 0 });
  expect(backends[1]).toMatchObject({ rise: 3, fall: 2 });
  const probes = ownProbes(backends);
  expect([...probes.keys()]).toEqual(["http://b"]);
  expect(probes.get("http://b")).toMatchObject({ path: "/own", timeoutMs: 500 });
});

test("no Unix socket is checked on a port, unless it says that it has none", () => {
  const all = resolveHealthCheck({ port: 9_000 });
  const sentence =
    "backends: unix:/run/a.sock would be checked on port 9000, which a Unix socket does not have, expected a healthCheck of its own with port 0";
  expect(messageOf(() => parseBackends(["http://a", "unix:/run/a.sock"], all))).toBe(sentence);
  const own = { url: "unix:/run/a.sock", healthCheck: { port: 0 } };
  expect(parseBackends(["http://a", own], all)[1]?.probe?.port).toBe(0);
  const asked = { url: "unix:/run/a.sock", healthCheck: { port: 9_000 } };
  expect(messageOf(() => parseBackends(["http://a", asked], resolveHealthCheck({})))).toBe(sentence);
});

describe("refuses", () => {
  const cases: [string, unknown, string][] = [
    ["no backends", [], "backends: found none, expected at least one URL such as http://localhost:8081"],
    [
      "the same origin twice",
      ["http://a:80", "http://b", "http://A/"],
      "backends: http://a is listed twice, expected each backend once",
    ],
    [
      "a host and port without a scheme",
      ["localhost:8081"],
      'backends: found "localhost:8081", expected a URL such as http://localhost:8081; did you mean http://localhost:8081?',
    ],
    [
      "what would not be one line",
      ["http://a\nb;x\ty"],
      'backends: http://a\\nb has the option "x\\ty", expected weight=N, tier=N, max-in-flight=N or drain',
    ],
    ["nothing", [""], 'backends: found "", expected a URL such as http://localhost:8081'],
    ["words", ["a b"], 'backends: found "a b", expected a URL such as http://localhost:8081'],
    [
      "a URL without host",
      ["http://"],
      'backends: found "http://", expected a URL such as http://localhost:8081',
    ],
    [
      "another scheme",
      ["ftp://a"],
      'backends: found "ftp://a", expected a URL that begins with http:// or https://, not ftp://',
    ],
    [
      "a Unix socket without a path",
      ["unix:"],
      'backends: found "unix:", expected the absolute path of a Unix socket, such as unix:/run/app.sock',
    ],
    [
      "a relative path",
      ["unix:run/app.sock;weight=2"],
      'backends: found "unix:run/app.sock", expected the absolute path of a Unix socket, such as unix:/run/app.sock',
    ],
    [
      "a Unix socket in the manner of a host",
      ["unix:///run/app.sock"],
      'backends: found "unix:///run/app.sock", expected a path after unix:; did you mean unix:/run/app.sock?',
    ],
    ["a Unix socket of slashes", ["unix://"], 'backends: found "unix://", expected a path after unix:'],
    [
      "a folder",
      ["unix:/run/"],
      'backends: found "unix:/run/", expected the path of a Unix socket, not of a folder',
    ],
    [
      "a path with control characters",
      [{ url: "unix:/run/a\u0000b" }],
      'backends: found "unix:/run/a\\u0000b", expected a path without control characters',
    ],
    [
      "a path that no system takes",
      [`unix:/${"ä".repeat(53)}a`],
      `backends: found "unix:/${"ä".repeat(53)}a", expected a path of at most 107 bytes`,
    ],
    [
      "the same Unix socket twice",
      ["unix:/run/a", "UNIX:/run/a;weight=2"],
      "backends: unix:/run/a is listed twice, expected each backend once",
    ],
    [
      "a password",
      ["http://me:secret@a"],
      'backends: found "http://me:secret@a", expected a URL without a user name or password',
    ],
    [
      "a path",
      ["http://a:1/api"],
      'backends: found "http://a:1/api", expected an origin without a path, such as http://a:1',
    ],
    [
      "a query",
      ["http://a:1?x"],
      'backends: found "http://a:1?x", expected an origin without a path, such as http://a:1',
    ],
    ["port 0", ["http://a:0"], 'backends: found "http://a:0", expected a port from 1 to 65535'],
    [
      "a port too large",
      ["http://a:65536"],
      'backends: found "http://a:65536", expected a port from 1 to 65535',
    ],
    [
      "an unknown option",
      ["http://a;wieght=3"],
      'backends: http://a has the option "wieght=3", expected weight=N, tier=N, max-in-flight=N or drain; did you mean weight?',
    ],
    [
      "an option like nothing",
      ["http://a;x"],
      'backends: http://a has the option "x", expected weight=N, tier=N, max-in-flight=N or drain',
    ],
    [
      "weight 0",
      ["http://a;weight=0"],
      "backends: http://a has weight=0, expected a whole number from 1 to 1000",
    ],
    [
      "a weight that is no number",
      ["http://a;weight=two"],
      "backends: http://a has weight=two, expected a whole number from 1 to 1000",
    ],
    [
      "a weight without value",
      ["http://a;weight"],
      'backends: http://a has the option "weight", expected weight=N',
    ],
    [
      "a limit without value",
      ["http://a;max-in-flight"],
      'backends: http://a has the option "max-in-flight", expected max-in-flight=N',
    ],
    [
      "a limit that is none",
      ["http://a;max-in-flight=many"],
      "backends: http://a has max-in-flight=many, expected a whole number from 0 to 1000000",
    ],
    [
      "a drain with a value",
      ["http://a;drain=yes"],
      'backends: http://a has the option "drain=yes", expected weight=N, tier=N, max-in-flight=N or drain; did you mean drain?',
    ],
    [
      "a drain that is neither on nor off",
      [{ url: "http://a", drain: 1 }],
      "backends: http://a drain: found 1, expected true or false",
    ],
    [
      "checks of its own where there are none",
      [{ url: "http://a", healthCheck: { path: "/up" } }],
      "backends: http://a has a healthCheck, but the config's healthCheck is false",
    ],
    [
      "a broken weight",
      [{ url: "http://a", weight: 1.5 }],
      "backends: http://a has weight=1.5, expected a whole number from 1 to 1000",
    ],
    [
      "a tier too large",
      [{ url: "http://a", tier: 101 }],
      "backends: http://a has tier=101, expected a whole number from 0 to 100",
    ],
    [
      "an unknown key",
      [{ url: "http://a", wieght: 2 }],
      'backends: http://a has the unknown key "wieght"; did you mean weight?',
    ],
    [
      "an object without URL",
      [{ weight: 2 }],
      'backends: found {"weight":2}, expected a URL or an object with a url',
    ],
    ["a number", [8081], "backends: found 8081, expected a URL or an object with a url"],
    ["null", [null], "backends: found null, expected a URL or an object with a url"],
    ["one URL in place of a list", "http://a", 'backends: found "http://a", expected a list of URLs'],
    [
      "nothing at all",
      undefined,
      "backends: found none, expected at least one URL such as http://localhost:8081",
    ],
  ];
  test.each(cases)("%s", (_, backends, message) => {
    expect(messageOf(() => parseBackends(backends as BackendConfig[]))).toBe(message);
  });

  test("a mistake in a backend's own checks", () => {
    const backends: BackendConfig[] = [{ url: "http://a", healthCheck: { path: "up" } }];
    expect(messageOf(() => parseBackends(backends, resolveHealthCheck({})))).toBe(
      'backends: http://a healthCheck.path: found "up", expected a path that begins with /, such as /health',
    );
  });
});
