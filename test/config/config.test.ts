import { describe, expect, test } from "bun:test";
import { DEFAULTS, type LoadBalancerConfig, resolveConfig } from "../../src/config/config.ts";
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
    algorithm: "round-robin",
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

describe("refuses", () => {
  const keys =
    "backends, algorithm, healthCheck, retries, retryOn, timeoutMs, tryTimeoutMs, trustedProxies, forwarded, statusPath";
  const cases: [object, string][] = [
    [{ retires: 1 }, 'config: found the unknown key "retires"; did you mean retries?'],
    [{ zzz: 1 }, `config: found the unknown key "zzz", expected ${keys}`],
    [{ algorithm: "round-robbin" }, 'algorithm: found "round-robbin", expected round-robin'],
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
