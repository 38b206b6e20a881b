import { describe, expect, test } from "bun:test";
import { DEFAULTS } from "../../src/config/config.ts";
import { QUEUE_DEFAULTS } from "../../src/config/queue.ts";
import { BREAKER_DEFAULTS, OUTLIER_DEFAULTS, SLOW_START_DEFAULTS } from "../../src/config/readiness.ts";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { Backend } from "../../src/core/backend.ts";
import { ALGORITHMS } from "../../src/core/picking/index.ts";
import type { Picker } from "../../src/core/picking/picker.ts";
import { messageOf } from "./message-of.ts";
import { poolOf } from "./pool-of.ts";

const backends = ["http://a"];

test("backends alone are enough: everything else has its default", () => {
  expect(poolOf({ backends })).toEqual({
    ...DEFAULTS,
    backends: [{ origin: "http://a", weight: 1, tier: 0 }],
    healthCheck: {
      path: "/health",
      fallsBack: true,
      method: "GET",
      host: "",
      headers: {},
      statuses: [[200, 499]],
      body: "",
      intervalMs: 10_000,
      intervalDownMs: 0,
      timeoutMs: 2_000,
      rise: 1,
      fall: 1,
    },
    outlierDetection: OUTLIER_DEFAULTS,
    queue: QUEUE_DEFAULTS,
  });
});

test("keeps what was said", () => {
  const config: LoadBalancerConfig = {
    backends,
    algorithm: "cookie:sid",
    hashBalanceFactor: 2,
    sticky: { by: "ip", drainGraceMs: 0, maxSessions: 7, idleTimeoutMs: 1_000 },
    outlierDetection: { ...OUTLIER_DEFAULTS, consecutiveGatewayFailures: 9, maxEjectedPercent: 12.5 },
    circuitBreaker: { ...BREAKER_DEFAULTS, errorPercent: 33.3, probes: 1 },
    slowStart: { windowMs: 45_000, aggression: 1.5, minWeightPercent: 0 },
    maxInFlight: 100,
    adaptiveConcurrency: {
      minLimit: 2,
      maxLimit: 500,
      initialLimit: 10,
      tolerance: 2,
      smoothing: 0.5,
      baselineMs: 30_000,
    },
    queue: { maxWaiting: 7, timeoutMs: 0 },
    overprovisioning: 1.4,
    panicThreshold: 30,
    retries: 0,
    retryOn: ["timeout"],
    replayLimitBytes: 0,
    hedge: { percentile: 95 },
    timeoutMs: 0,
    tryTimeoutMs: 1_500,
    requestTimeoutMs: 90_000,
    bodyTimeoutMs: 30_000,
    writeTimeoutMs: 0,
    deadlineHeader: "x-request-timeout-ms",
    trustedProxies: ["10.0.0.0/8"],
    forwarded: true,
    statusPath: "/status",
  };
  const { backends: _, healthCheck: _health, trustedProxies, ...rest } = poolOf(config);
  const { backends: _backends, trustedProxies: _trusted, ...said } = config;
  expect<unknown>(rest).toEqual({ ...said, middleware: [] });
  expect(trustedProxies).toEqual([{ bytes: [10, 0, 0, 0], bits: 8 }]);
});

test("part of a group keeps the defaults of the rest; false turns it off", () => {
  const config = poolOf({
    backends,
    outlierDetection: { consecutive5xx: 3 },
    circuitBreaker: {},
    slowStart: { windowMs: 1 },
  });
  expect(config.outlierDetection).toEqual({ ...OUTLIER_DEFAULTS, consecutive5xx: 3 });
  expect(config.circuitBreaker).toEqual(BREAKER_DEFAULTS);
  expect(config.slowStart).toEqual({ ...SLOW_START_DEFAULTS, windowMs: 1 });
  expect(poolOf({ backends, healthCheck: false }).healthCheck).toBe(false);
  expect(poolOf({ backends, outlierDetection: false }).outlierDetection).toBe(false);
  expect(poolOf({ backends, statusPath: false }).statusPath).toBe(false);
});

test("every algorithm is taken, and those that go by a name", () => {
  for (const algorithm of [...ALGORITHMS, "header:X-User", "cookie:__Host-sid"] as const) {
    expect(poolOf({ backends, algorithm }).algorithm).toBe(algorithm);
  }
});

test("no limit on what a hash may do to a backend is a limit of infinity", () => {
  expect(poolOf({ backends, hashBalanceFactor: false }).hashBalanceFactor).toBe(Number.POSITIVE_INFINITY);
});

describe("a function as the algorithm", () => {
  const picker = { rebuild() {}, pick: () => new Backend({ origin: "http://a", weight: 1, tier: 0 }) };
  const make = (made: unknown) => {
    const { algorithm } = poolOf({ backends, algorithm: () => made as Picker });
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

test("a key that is there without a value was not given", () => {
  const outlierDetection = { consecutive5xx: undefined } as object;
  expect(poolOf({ backends, outlierDetection, healthCheck: { path: undefined } as object })).toEqual(
    poolOf({ backends }),
  );
});

test("the name of a header is the same in any case", () => {
  expect(poolOf({ backends, deadlineHeader: "X-Timeout" }).deadlineHeader).toBe("x-timeout");
});

describe("refuses", () => {
  const keys =
    "backends, pools, routes, algorithm, hashBalanceFactor, sticky, healthCheck, outlierDetection, circuitBreaker, slowStart, maxInFlight, adaptiveConcurrency, queue, overprovisioning, panicThreshold, retries, retryOn, replayLimitBytes, hedge, timeoutMs, tryTimeoutMs, requestTimeoutMs, bodyTimeoutMs, writeTimeoutMs, deadlineHeader, trustedProxies, middleware, forwarded, statusPath";
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
      'retryOn: found "conect", expected connect, reset, timeout, 500, 502, 503 or 504; did you mean connect?',
    ],
    [{ retryOn: ["5xx"] }, 'retryOn: found "5xx", expected connect, reset, timeout, 500, 502, 503 or 504'],
    [
      { retryOn: [501] },
      "retryOn: found 501, expected connect, reset, timeout, 500, 502, 503 or 504; did you mean 500?",
    ],
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
    [{ replayLimitBytes: -1 }, "replayLimitBytes: found -1, expected a whole number from 0 to 1073741824"],
    [{ timeoutMs: -1 }, "timeoutMs: found -1, expected a number of milliseconds, at least 0"],
    [{ timeoutMs: Number.NaN }, "timeoutMs: found NaN, expected a number of milliseconds, at least 0"],
    [{ timeoutMs: 2 ** 31 }, "timeoutMs: found 2147483648, expected a number of milliseconds, at least 0"],
    [{ tryTimeoutMs: -5 }, "tryTimeoutMs: found -5, expected a number of milliseconds, at least 0"],
    [{ requestTimeoutMs: -5 }, "requestTimeoutMs: found -5, expected a number of milliseconds, at least 0"],
    [{ bodyTimeoutMs: -5 }, "bodyTimeoutMs: found -5, expected a number of milliseconds, at least 0"],
    [{ writeTimeoutMs: -5 }, "writeTimeoutMs: found -5, expected a number of milliseconds, at least 0"],
    ...["", "a b", "a:", true, 5].map((found): [object, string] => [
      { deadlineHeader: found },
      `deadlineHeader: found ${JSON.stringify(found)}, expected the name of a header, such as x-request-timeout-ms, or false`,
    ]),
    [
      { trustedProxies: ["10.0.0.0/33"] },
      'trustedProxies: found "10.0.0.0/33", expected an address or a range such as 10.0.0.0/8 or fd00::/8',
    ],
    [{ trustedProxies: "10.0.0.0/8" }, 'trustedProxies: found "10.0.0.0/8", expected a list'],
    [{ retryOn: "connect" }, 'retryOn: found "connect", expected a list'],
    [{ forwarded: "no" }, 'forwarded: found "no", expected true or false'],
    [{ outlierDetection: true }, "outlierDetection: found true, expected an object or false"],
    [
      { outlierDetection: { consecutive5xxs: 1 } },
      'outlierDetection: found the unknown key "consecutive5xxs"; did you mean consecutive5xx?',
    ],
    [
      { outlierDetection: { consecutiveGatewayFailures: -1 } },
      "outlierDetection.consecutiveGatewayFailures: found -1, expected a whole number from 0 to 1000000",
    ],
    [
      { outlierDetection: { maxEjectedPercent: 101 } },
      "outlierDetection.maxEjectedPercent: found 101, expected a number from 0 to 100",
    ],
    [
      { outlierDetection: { intervalMs: 99 } },
      "outlierDetection.intervalMs: found 99, expected a number of milliseconds, at least 100",
    ],
    [
      { circuitBreaker: { errorPercent: 0 } },
      "circuitBreaker.errorPercent: found 0, expected a number from 1 to 100",
    ],
    [
      { circuitBreaker: { probes: 0 } },
      "circuitBreaker.probes: found 0, expected a whole number from 1 to 1000000",
    ],
    [{ slowStart: 30_000 }, "slowStart: found 30000, expected an object or false"],
    [{ slowStart: { aggression: 0 } }, "slowStart.aggression: found 0, expected a number from 0.1 to 10"],
    [{ queue: 5 }, "queue: found 5, expected an object or false"],
    [{ queue: { length: 5 } }, 'queue: found the unknown key "length", expected maxWaiting, timeoutMs'],
    [{ queue: { maxWaiting: 0 } }, "queue.maxWaiting: found 0, expected a whole number from 1 to 1000000"],
    [
      { queue: { timeoutMs: -1 } },
      "queue.timeoutMs: found -1, expected a number of milliseconds, at least 0",
    ],
    [{ maxInFlight: -1 }, "maxInFlight: found -1, expected a whole number from 0 to 1000000"],
    [{ overprovisioning: 0.5 }, "overprovisioning: found 0.5, expected a number from 1 to 100"],
    [{ panicThreshold: 101 }, "panicThreshold: found 101, expected a number from 0 to 100"],
    [{ panicThreshold: "half" }, 'panicThreshold: found "half", expected auto'],
    [{ backends: [] }, "backends: found none, expected at least one URL such as http://localhost:8081"],
  ];
  test.each(cases)("%p", (config, message) => {
    expect(messageOf(() => poolOf({ backends, ...config } as LoadBalancerConfig))).toBe(message);
  });
});
