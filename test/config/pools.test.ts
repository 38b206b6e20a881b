import { describe, expect, test } from "bun:test";
import { resolveConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/config/problem.ts";
import { createLoadBalancer } from "../../src/load-balancer.ts";
import { messageOf } from "./message-of.ts";

function poolsOf(config: object) {
  return Object.fromEntries(resolveConfig({ routes: [{ middleware: [{ respond: {} }] }], ...config }).pools);
}

const api = { backends: ["http://a:1"] };
const web = { backends: ["http://b:1"] };

test("backends at the top are the pool `default`, beside which there may be others", () => {
  expect(Object.keys(poolsOf({ backends: ["http://a"] }))).toEqual(["default"]);
  expect(Object.keys(poolsOf({ pools: { api } }))).toEqual(["api"]);
  expect(Object.keys(poolsOf({ backends: ["http://a"], pools: { api, "v1.2_x-Y": web } }))).toEqual([
    "default",
    "api",
    "v1.2_x-Y",
  ]);
});

test("a pool has from the top what it does not say itself", () => {
  const pools = poolsOf({
    backends: ["http://c:1"],
    algorithm: "power-of-two",
    retries: 5,
    maxInFlight: 7,
    pools: { api: { ...api, retries: 0, maxInFlight: undefined }, web },
  });
  expect(pools.default).toMatchObject({ algorithm: "power-of-two", retries: 5, maxInFlight: 7 });
  expect(pools.api).toMatchObject({ algorithm: "power-of-two", retries: 0, maxInFlight: 7 });
  expect(pools.web).toMatchObject({ algorithm: "power-of-two", retries: 5 });
});

test("of sets of numbers, key by key", () => {
  const pools = poolsOf({
    healthCheck: { intervalMs: 500, path: "/up" },
    outlierDetection: { consecutive5xx: 3 },
    circuitBreaker: { probes: 9 },
    slowStart: { windowMs: 5 },
    adaptiveConcurrency: { maxLimit: 5_000 },
    queue: { maxWaiting: 5 },
    pools: {
      api: {
        ...api,
        healthCheck: { path: "/own", intervalMs: undefined },
        outlierDetection: { maxEjectedPercent: 50 },
        circuitBreaker: { minRequests: 1 },
        slowStart: { aggression: 2 },
        // More than a limit may be by default: it counts what the top says.
        adaptiveConcurrency: { minLimit: 2_000 },
        queue: { timeoutMs: 0 },
      },
      web: { ...web, healthCheck: false, circuitBreaker: false },
    },
  });
  expect(pools.api).toMatchObject({
    healthCheck: { path: "/own", fallsBack: false, intervalMs: 500 },
    outlierDetection: { consecutive5xx: 3, maxEjectedPercent: 50 },
    circuitBreaker: { probes: 9, minRequests: 1 },
    slowStart: { windowMs: 5, aggression: 2 },
    adaptiveConcurrency: { minLimit: 2_000, maxLimit: 5_000, initialLimit: 2_000 },
    queue: { maxWaiting: 5, timeoutMs: 0 },
  });
  expect(pools.web).toMatchObject({ healthCheck: false, circuitBreaker: false, slowStart: { windowMs: 5 } });
});

test("what is off at the top can be on in a pool", () => {
  const pools = poolsOf({
    healthCheck: false,
    pools: { api: { ...api, healthCheck: { path: "/up" } }, web },
  });
  expect(pools.api?.healthCheck).toMatchObject({ path: "/up", intervalMs: 10_000 });
  expect(pools.web?.healthCheck).toBe(false);
});

test("what is a choice, whole", () => {
  const pools = poolsOf({
    sticky: { by: "cookie", name: "top" },
    hedge: { percentile: 95 },
    pools: {
      api: { ...api, sticky: { by: "ip" }, hedge: { afterMs: 5 } },
      web: { ...web, sticky: { by: "cookie" } },
    },
  });
  expect(pools.api).toMatchObject({ sticky: { by: "ip" }, hedge: { afterMs: 5 } });
  expect(pools.web).toMatchObject({ sticky: { by: "cookie", name: "lb" }, hedge: { percentile: 95 } });
});

describe("refuses", () => {
  const NONE = "expected at least one URL such as http://localhost:8081";
  const cases: [object, string][] = [
    [{}, `backends: found none, ${NONE}`],
    [{ pools: {} }, `backends: found none, ${NONE}`],
    [{ pools: { api: undefined } }, `backends: found none, ${NONE}`],
    [{ pools: [] }, "pools: found [], expected an object"],
    [{ pools: { api: {} } }, `pools.api.backends: found none, ${NONE}`],
    [{ pools: { api: 7 } }, "pools.api: found 7, expected an object"],
    [{ pools: { api: ["http://a"] } }, 'pools.api: found ["http://a"], expected an object'],
    [{ pools: { "a b": api } }, 'pools: found the name "a b", expected letters, digits, _, . and -'],
    [{ pools: { "": api } }, 'pools: found the name "", expected letters, digits, _, . and -'],
    [
      { backends: ["http://a"], pools: { default: api } },
      'pools: found the pool "default" beside backends, which are the pool of that name, expected one of them',
    ],
    [
      { pools: { api: { ...api, retires: 1 } } },
      'pools.api: found the unknown key "retires"; did you mean retries?',
    ],
    [
      { pools: { api: { ...api, healthCheck: { path: "up" } } } },
      'pools.api.healthCheck.path: found "up", expected a path that begins with /, such as /health',
    ],
    [
      { pools: { api: { backends: ["http://a;weight=0"] } } },
      "pools.api.backends: http://a has weight=0, expected a whole number from 1 to 1000",
    ],
    [
      { pools: { api: { ...api, statusPath: "/x" } } },
      'pools.api: found the unknown key "statusPath", expected backends,',
    ],
    // Neither says anything wrong by itself.
    [
      { healthCheck: { method: "HEAD" }, pools: { api: { ...api, healthCheck: { body: "ok" } } } },
      'pools.api.healthCheck.body: found "ok", but the answer to a HEAD has no body',
    ],
    [
      { healthCheck: false, pools: { api: { backends: [{ url: "http://a", healthCheck: {} }] } } },
      "pools.api.backends: http://a has a healthCheck, but the config's healthCheck is false",
    ],
  ];
  test.each(cases)("%j", (config, sentence) => {
    expect(messageOf(() => resolveConfig(config))).toStartWith(sentence);
  });

  test("what is wrong at the top once, however many pools have it from there", () => {
    const config = { retries: -1, healthCheck: { rise: 0 }, pools: { api, web }, routes: [{ pool: "web" }] };
    expect(messageOf(() => resolveConfig(config)).split("\n")).toEqual([
      "healthCheck.rise: found 0, expected a whole number from 1 to 1000",
      "retries: found -1, expected a whole number from 0 to 100",
    ]);
  });

  test("everything at once, each with its path", () => {
    const config = {
      retires: 1,
      backends: [{ url: "http://a", weight: 0 }, "ftp://b"],
      trustedProxies: ["10.0.0.0/8", "x"],
      pools: { api: { backends: ["http://a"], queue: { timeoutMs: -1, length: 1 } } },
      routes: [{ pool: "apo", mirror: { pool: "x" } }, { split: { pools: { web: 1 } } }],
    };
    let thrown: unknown;
    try {
      resolveConfig(config as object);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ConfigError);
    const { problems, message } = thrown as ConfigError;
    expect(problems.map(({ path }) => path)).toEqual([
      ["retires"],
      ["backends", 0, "weight"],
      ["backends", 1],
      ["trustedProxies", 1],
      ["pools", "api", "queue", "length"],
      ["pools", "api", "queue", "timeoutMs"],
      ["routes", 0, "pool"],
      ["routes", 0, "mirror", "pool"],
      ["routes", 1, "split", "pools", "web"],
    ]);
    expect(message.split("\n")).toEqual([
      'config: found the unknown key "retires"; did you mean retries?',
      "backends: http://a has weight=0, expected a whole number from 1 to 1000",
      'backends: found "ftp://b", expected a URL that begins with http:// or https://, not ftp://',
      'trustedProxies: found "x", expected an address or a range such as 10.0.0.0/8 or fd00::/8',
      'pools.api.queue: found the unknown key "length", expected maxWaiting, timeoutMs',
      "pools.api.queue.timeoutMs: found -1, expected a number of milliseconds, at least 0",
      'routes[0].pool: found the unknown pool "apo"; did you mean api?',
      'routes[0].mirror.pool: found the unknown pool "x", expected default or api',
      'routes[1].split.pools: found the unknown pool "web", expected default or api',
    ]);
  });

  test("several pools without a word on which requests they get", () => {
    expect(messageOf(() => createLoadBalancer({ pools: { api, web } }))).toBe(
      "routes: found none, expected which requests go to api or web",
    );
    expect(createLoadBalancer({ pools: { api } }).status().backends).toHaveLength(1);
  });
});
