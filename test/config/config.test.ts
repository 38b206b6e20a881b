import { describe, expect, test } from "bun:test";
import { DEFAULTS, type LoadBalancerConfig, resolveConfig } from "../../src/config/config.ts";
import { Backend } from "../../src/core/backend.ts";
import { ALGORITHMS } from "../../src/core/picking/index.ts";
import type { Picker } from "../../src/core/picking/picker.ts";
import { messageOf } from "./message-of.ts";

const backends = ["http://a"];

test("backends alone are enough: everything else has its default", () => {
  expect(resolveConfig({ backends })).toEqual({
    ...DEFAULTS,
    backends: [{ origin: "http://a", weight: 1, tier: 0 }],
    healthCheck: { path: "/health", intervalMs: 10_000, timeoutMs: 2_000, rise: 1, fall: 1 },
  });
});

test("keeps what was said", () => {
  const config: LoadBalancerConfig = {
    backends,
    algorithm: "cookie:sid",
    hashBalanceFactor: 2,
    healthCheck: { path: "/up?deep=1", intervalMs: 500, timeoutMs: 100, rise: 2, fall: 3 },
    retries: 0,
    retryOn: ["timeout"],
    timeoutMs: 0,
    tryTimeoutMs: 1_500,
    trustedProxies: ["10.0.0.0/8"],
    forwarded: true,
    statusPath: "/status",
  };
  const { backends: _, trustedProxies, ...rest } = resolveConfig(config);
  const { backends: _backends, trustedProxies: _trusted, ...said } = config;
  expect<unknown>(rest).toEqual(said);
  expect(trustedProxies).toEqual([{ bytes: [10, 0, 0, 0], bits: 8 }]);
});

test("part of a health check keeps the defaults of the rest; false turns it off", () => {
  expect(resolveConfig({ backends, healthCheck: { fall: 3 } }).healthCheck).toEqual({
    ...DEFAULTS.healthCheck,
    fall: 3,
  });
  expect(resolveConfig({ backends, healthCheck: false }).healthCheck).toBe(false);
  expect(resolveConfig({ backends, statusPath: false }).statusPath).toBe(false);
});

test("every algorithm is taken, and those that go by a name", () => {
  for (const algorithm of [...ALGORITHMS, "header:X-User", "cookie:__Host-sid"] as const) {
    expect(resolveConfig({ backends, algorithm }).algorithm).toBe(algorithm);
  }
});

test("no limit on what a hash may do to a backend is a limit of infinity", () => {
  expect(resolveConfig({ backends, hashBalanceFactor: false }).hashBalanceFactor).toBe(
    Number.POSITIVE_INFINITY,
  );
});

describe("a function as the algorithm", () => {
  const picker = { rebuild() {}, pick: () => new Backend({ origin: "http://a", weight: 1, tier: 0 }) };
  const make = (made: unknown) => {
    const { algorithm } = resolveConfig({ backends, algorithm: () => made as Picker });
    if (typeof algorithm !== "function") throw new Error("it is no function any more");
    return algorithm({ below: () => 0 });
  };

  test("makes its picker when a balancer is made", () => {
    expect(make(picker)).toBe(picker);
    for (const keySource of ["ip", "uri", "header:x", "cookie:x"]) {
      const keyed = { ...picker, keySource };
      expect<unknown>(make(keyed)).toBe(keyed);
    }
  });

  test.each([undefined, null, 7, {}, { pick() {} }, { rebuild() {} }, { pick: 1, rebuild: 2 }])(
    "that makes %p is refused",
    (made) => {
      const sentence = "algorithm: the function made no picker, expected an object with rebuild and pick";
      expect(messageOf(() => make(made))).toBe(sentence);
    },
  );

  test.each(["", "IP", "header:", "cookie:a b", 7])("with the keySource %p is refused", (keySource) => {
    const found = JSON.stringify(keySource);
    expect(messageOf(() => make({ ...picker, keySource }))).toBe(
      `algorithm: the picker's keySource is ${found}, expected ip, uri, header:NAME or cookie:NAME`,
    );
  });
});

describe("refuses", () => {
  const keys =
    "backends, algorithm, hashBalanceFactor, healthCheck, retries, retryOn, timeoutMs, tryTimeoutMs, trustedProxies, forwarded, statusPath";
  const cases: [object, string][] = [
    [{ retires: 1 }, 'config: found the unknown key "retires"; did you mean retries?'],
    [{ zzz: 1 }, `config: found the unknown key "zzz", expected ${keys}`],
    [
      { algorithm: "round-robbin" },
      'algorithm: found "round-robbin", expected round-robin, random, least-connections, power-of-two, peak-ewma, first, ip-hash, uri-hash, header:NAME or cookie:NAME; did you mean round-robin?',
    ],
    [
      { algorithm: 7 },
      "algorithm: found 7, expected round-robin, random, least-connections, power-of-two, peak-ewma, first, ip-hash, uri-hash, header:NAME or cookie:NAME",
    ],
    [
      { algorithm: "" },
      'algorithm: found "", expected round-robin, random, least-connections, power-of-two, peak-ewma, first, ip-hash, uri-hash, header:NAME or cookie:NAME',
    ],
    [
      { algorithm: "header" },
      'algorithm: found "header", expected round-robin, random, least-connections, power-of-two, peak-ewma, first, ip-hash, uri-hash, header:NAME or cookie:NAME; did you mean header:NAME?',
    ],
    [
      { algorithm: "cooky:sid" },
      'algorithm: found "cooky:sid", expected round-robin, random, least-connections, power-of-two, peak-ewma, first, ip-hash, uri-hash, header:NAME or cookie:NAME; did you mean cookie:sid?',
    ],
    [
      { algorithm: "Header:X-A" },
      'algorithm: found "Header:X-A", expected round-robin, random, least-connections, power-of-two, peak-ewma, first, ip-hash, uri-hash, header:NAME or cookie:NAME; did you mean header:X-A?',
    ],
    [
      { algorithm: "header:" },
      'algorithm: found "header:", expected the name of a header field, such as header:X-User',
    ],
    [
      { algorithm: "header:X User" },
      'algorithm: found "header:X User", expected the name of a header field, such as header:X-User',
    ],
    [
      { algorithm: "cookie:s=1" },
      'algorithm: found "cookie:s=1", expected the name of a cookie, such as cookie:sid',
    ],
    [{ hashBalanceFactor: 1 }, "hashBalanceFactor: found 1, expected a number above 1 and up to 100"],
    [{ hashBalanceFactor: "2" }, 'hashBalanceFactor: found "2", expected a number above 1 and up to 100'],
    [{ hashBalanceFactor: true }, "hashBalanceFactor: found true, expected a number above 1 and up to 100"],
    [
      { retryOn: ["conect"] },
      'retryOn: found "conect", expected connect, reset or timeout; did you mean connect?',
    ],
    [{ retryOn: ["5xx"] }, 'retryOn: found "5xx", expected connect, reset or timeout'],
    [
      { statusPath: "status" },
      'statusPath: found "status", expected a path that begins with /, such as /lb-status',
    ],
    [
      { statusPath: "/a#b" },
      'statusPath: found "/a#b", expected a path that begins with /, such as /lb-status',
    ],
    [{ retries: -1 }, "retries: found -1, expected a whole number from 0 to 100"],
    [{ retries: 101 }, "retries: found 101, expected a whole number from 0 to 100"],
    [{ retries: 1.5 }, "retries: found 1.5, expected a whole number from 0 to 100"],
    [{ timeoutMs: -1 }, "timeoutMs: found -1, expected a number of milliseconds, at least 0"],
    [{ timeoutMs: Number.NaN }, "timeoutMs: found NaN, expected a number of milliseconds, at least 0"],
    [{ timeoutMs: 2 ** 31 }, "timeoutMs: found 2147483648, expected a number of milliseconds, at least 0"],
    [{ tryTimeoutMs: -5 }, "tryTimeoutMs: found -5, expected a number of milliseconds, at least 0"],
    [
      { trustedProxies: ["10.0.0.0/33"] },
      'trustedProxies: found "10.0.0.0/33", expected an address or a range such as 10.0.0.0/8 or fd00::/8',
    ],
    [{ trustedProxies: "10.0.0.0/8" }, 'trustedProxies: found "10.0.0.0/8", expected a list'],
    [{ retryOn: "connect" }, 'retryOn: found "connect", expected a list'],
    [{ forwarded: "no" }, 'forwarded: found "no", expected true or false'],
    [{ healthCheck: true }, "healthCheck: found true, expected an object or false"],
    [{ healthCheck: "/health" }, 'healthCheck: found "/health", expected an object or false'],
    [
      { healthCheck: { interval: 5 } },
      'healthCheck: found the unknown key "interval"; did you mean intervalMs?',
    ],
    [
      { healthCheck: { every: 5 } },
      'healthCheck: found the unknown key "every", expected path, intervalMs, timeoutMs, rise, fall',
    ],
    [{ healthCheck: { rize: 5 } }, 'healthCheck: found the unknown key "rize"; did you mean rise?'],
    [
      { healthCheck: { path: "up" } },
      'healthCheck.path: found "up", expected a path that begins with /, such as /health',
    ],
    [
      { healthCheck: { intervalMs: 0 } },
      "healthCheck.intervalMs: found 0, expected a number of milliseconds, at least 1",
    ],
    [
      { healthCheck: { timeoutMs: 0 } },
      "healthCheck.timeoutMs: found 0, expected a number of milliseconds, at least 1",
    ],
    [{ healthCheck: { rise: 0 } }, "healthCheck.rise: found 0, expected a whole number from 1 to 1000"],
    [{ healthCheck: { fall: 1001 } }, "healthCheck.fall: found 1001, expected a whole number from 1 to 1000"],
    [{ backends: [] }, "backends: found none, expected at least one URL such as http://localhost:8081"],
  ];
  test.each(cases)("%p", (config, message) => {
    expect(messageOf(() => resolveConfig({ backends, ...config } as LoadBalancerConfig))).toBe(message);
  });
});
