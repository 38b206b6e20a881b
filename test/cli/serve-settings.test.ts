import { expect, test } from "bun:test";
import { variableOf } from "../../src/cli/flags.ts";
import { Given } from "../../src/cli/given.ts";
import { type ListenerSettings, listenOptions } from "../../src/cli/listener-settings.ts";
import { SERVE_FLAGS } from "../../src/cli/serve-flags.ts";
import { type ServeSettings, settingsOf as settingsWith } from "../../src/cli/serve-settings.ts";
import { FRONT_NAMES, TRANSPORT_NAMES } from "../../src/config/process.ts";
import { messageOf } from "../config/message-of.ts";
import { poolOf, solePool } from "../config/pool-of.ts";

const BACKENDS = ["http://a:1"];

function settingsOf(values: Record<string, string>, variables: Record<string, string> = {}): ServeSettings {
  const entries = Object.entries({ backends: BACKENDS.join(), ...values });
  const given = new Map(entries.map(([name, value]) => [name, [value]] as const));
  return settingsWith(new Given(SERVE_FLAGS, given, variables), undefined);
}

/** The settings of the only listener. */
function listenerOf(settings: ServeSettings): ListenerSettings {
  expect(settings.listeners).toHaveLength(1);
  return settings.listeners[0] as ListenerSettings;
}

test("without flags the defaults are the library's", () => {
  const settings = settingsOf({});
  expect(solePool(settings.resolved)).toMatchObject(poolOf({ backends: BACKENDS }));
  expect(listenerOf(settings)).toMatchObject({ port: 8080, host: undefined, tls: undefined });
});

test("every default in the help, written out, is what it is without", () => {
  const written: Record<string, string> = {};
  for (const [name, flag] of Object.entries(SERVE_FLAGS)) if ("default" in flag) written[name] = flag.default;
  const plain = (settings: ServeSettings) => {
    const { config: _, written: _written, listeners, ...rest } = settings;
    return { ...rest, listeners: listeners.map(({ places: _places, ...listener }) => listener) };
  };
  const expected = plain(settingsOf({}));
  expect(plain(settingsOf(written))).toEqual(expected);
  const variables = Object.entries(written).map(([name, value]) => [variableOf(name), value]);
  expect(plain(settingsOf({}, Object.fromEntries(variables)))).toEqual(expected);
});

test("every flag arrives", () => {
  const settings = settingsOf({
    backends: "http://a:1;weight=3,http://b:2;tier=1;drain",
    port: "0",
    host: "127.0.0.1",
    algorithm: "header:X-User",
    "hash-balance-factor": "1.5",
    sticky: "cookie:route",
    "sticky-secret": "0123456789abcdef",
    "health-check-interval": "500ms",
    "health-path": "/ready",
    "health-timeout": "1",
    "health-rise": "2",
    "health-fall": "3",
    "health-method": "OPTIONS",
    "health-host": "app.test",
    "health-status": "200-399,404",
    "health-body": "ok",
    "health-interval-down": "250ms",
    "max-in-flight": "100",
    "adaptive-concurrency": "true",
    queue: "20",
    "queue-timeout": "2s",
    "outlier-consecutive": "7",
    "outlier-ejection-time": "1m",
    "breaker-errors": "12.5",
    "slow-start": "1m",
    overprovisioning: "1.4",
    "panic-threshold": "30",
    retries: "5",
    "retry-on": "connect,timeout,503",
    "replay-limit": "1MiB",
    "hedge-after": "p95",
    timeout: "0",
    "try-timeout": "2m",
    "request-timeout": "3m",
    "body-timeout": "30s",
    "write-timeout": "0",
    "connect-timeout": "250ms",
    "deadline-header": "X-Left-MS",
    "trusted-proxies": "10.0.0.0/8,::1",
    forwarded: "true",
    "status-path": "off",
    "log-format": "json",
    "log-level": "silent",
    "shutdown-timeout": "0",
    front: "http1",
    transport: "http1",
    "max-connections": "1000",
    "head-timeout": "10s",
    "keep-alive-timeout": "500ms",
  });
  expect(listenerOf(settings)).toMatchObject({
    front: "http1",
    limits: { maxConnections: 1_000, headTimeoutMs: 10_000, keepAliveMs: 500 },
    port: 0,
    host: "127.0.0.1",
  });
  expect(settings).toMatchObject({
    transport: "http1",
    backendLimits: { connectTimeoutMs: 250 },
    logFormat: "json",
    logLevel: "silent",
    shutdownTimeoutMs: 0,
  });
  expect(solePool(settings.resolved)).toMatchObject({
    backends: [
      { origin: "http://a:1", weight: 3, tier: 0 },
      { origin: "http://b:2", weight: 1, tier: 1, drain: true },
    ],
    algorithm: "header:X-User",
    hashBalanceFactor: 1.5,
    sticky: { by: "cookie", name: "route", secret: "0123456789abcdef" },
    healthCheck: {
      path: "/ready",
      method: "OPTIONS",
      host: "app.test",
      statuses: [
        [200, 399],
        [404, 404],
      ],
      body: "ok",
      intervalMs: 500,
      intervalDownMs: 250,
      timeoutMs: 1000,
      rise: 2,
      fall: 3,
    },
    outlierDetection: { consecutiveGatewayFailures: 7, ejectionMs: 60_000, maxEjectedPercent: 10 },
    circuitBreaker: { errorPercent: 12.5, probes: 3 },
    slowStart: { windowMs: 60_000, minWeightPercent: 10 },
    maxInFlight: 100,
    adaptiveConcurrency: { minLimit: 3, maxLimit: 1_000, tolerance: 1.5 },
    queue: { maxWaiting: 20, timeoutMs: 2_000 },
    overprovisioning: 1.4,
    panicThreshold: 30,
    retries: 5,
    retryOn: ["connect", "timeout", "503"],
    replayLimitBytes: 1_048_576,
    hedge: { percentile: 95 },
    timeoutMs: 0,
    tryTimeoutMs: 120_000,
    requestTimeoutMs: 180_000,
    bodyTimeoutMs: 30_000,
    writeTimeoutMs: 0,
    deadlineHeader: "x-left-ms",
    forwarded: true,
    statusPath: false,
  });
  expect(settings.resolved.trustedProxies).toHaveLength(2);
});

test("every front and every transport is taken, in any combination", () => {
  for (const front of FRONT_NAMES) {
    for (const transport of TRANSPORT_NAMES) {
      expect(settingsOf({ front, transport })).toMatchObject({ listeners: [{ front }], transport });
    }
  }
});

for (const [values, sentence] of [
  [{ front: "htp1" }, '--front: found "htp1", expected web or http1; did you mean http1?'],
  [{ front: "wep" }, '--front: found "wep", expected web or http1; did you mean web?'],
  [{ front: "HTTP1" }, '--front: found "HTTP1", expected web or http1; did you mean http1?'],
  [{ front: "" }, '--front: found "", expected web or http1'],
  [{ front: "fetch" }, '--front: found "fetch", expected web or http1'],
  [{ transport: "http" }, '--transport: found "http", expected fetch or http1; did you mean http1?'],
  [{ transport: "fecth" }, '--transport: found "fecth", expected fetch or http1; did you mean fetch?'],
  [{ "max-connections": "0" }, '--max-connections: found "0", expected a whole number from 1 to 1048576'],
  [
    { "connect-timeout": "0" },
    '--connect-timeout: found "0", expected more than 0: a time such as 10 (seconds), 5s or 500ms',
  ],
  [{ "hedge-after": "p5" }, '--hedge-after: found "p5", expected a percentile from p50 to p99.9'],
  [{ "replay-limit": "64k" }, '--replay-limit: found "64k", expected a size such as 64KiB, 1MB or 0'],
  [
    { "replay-limit": "2GiB" },
    "--replay-limit: found 2147483648, expected a whole number from 0 to 1073741824",
  ],
  [
    { "deadline-header": "x left" },
    '--deadline-header: found "x left", expected the name of a header, such as x-request-timeout-ms, or false',
  ],
  [
    { "head-timeout": "0" },
    '--head-timeout: found "0", expected more than 0: a time such as 10 (seconds), 5s or 500ms',
  ],
  [
    { "keep-alive-timeout": "long" },
    '--keep-alive-timeout: found "long", expected a time such as 10 (seconds), 5s or 500ms',
  ],
] as const) {
  test(`${JSON.stringify(values)} is refused`, () => {
    expect(messageOf(() => settingsOf({ ...values }))).toBe(sentence);
  });
}

test("what --front web cannot keep is refused there, wherever it was given, and even if it is the default", () => {
  const web = { front: "web" };
  for (const name of ["max-connections", "head-timeout", "keep-alive-timeout"] as const) {
    const sentence = "found with the front web, expected http1, which alone has it";
    const value = SERVE_FLAGS[name].default;
    expect(messageOf(() => settingsOf({ ...web, [name]: value }))).toBe(`--${name}: ${sentence}`);
    const variable = variableOf(name);
    expect(messageOf(() => settingsOf(web, { [variable]: value }))).toBe(`${variable}: ${sentence}`);
  }
  expect(listenerOf(settingsOf(web)).front).toBe("web");
});

test("what --transport fetch cannot keep is refused there in the same way", () => {
  const sentence = "found with the transport fetch, expected http1, which alone has it";
  const value = SERVE_FLAGS["connect-timeout"].default;
  expect(messageOf(() => settingsOf({ transport: "fetch", "connect-timeout": value }))).toBe(
    `--connect-timeout: ${sentence}`,
  );
  expect(messageOf(() => settingsOf({ transport: "fetch" }, { LB_CONNECT_TIMEOUT: value }))).toBe(
    `LB_CONNECT_TIMEOUT: ${sentence}`,
  );
});

function writeTimeout(settings: ServeSettings): number | undefined {
  return listenOptions(listenerOf(settings)).writeTimeoutMs;
}

test("a client may take nothing for as long with either front, or for ever", () => {
  expect(writeTimeout(settingsOf({}))).toBe(60_000);
  expect(writeTimeout(settingsOf({ "write-timeout": "5s" }))).toBe(5_000);
  expect(writeTimeout(settingsOf({ "write-timeout": "0" }))).toBe(Number.POSITIVE_INFINITY);
});

test("the limit of hashing can be switched off", () => {
  const { resolved } = settingsOf({ "hash-balance-factor": "off" });
  expect(solePool(resolved).hashBalanceFactor).toBe(Number.POSITIVE_INFINITY);
});

test("0 turns off what is off by default, and what is on", () => {
  const zeros = {
    "outlier-consecutive": "0",
    "breaker-errors": "0",
    "slow-start": "0",
    "panic-threshold": "0",
  };
  const { resolved } = settingsOf({ ...zeros, overprovisioning: "0", "max-in-flight": "0", queue: "0" });
  expect(solePool(resolved)).toMatchObject({
    outlierDetection: { consecutiveGatewayFailures: 0 },
    circuitBreaker: false,
    slowStart: false,
    overprovisioning: 0,
    panicThreshold: 0,
    maxInFlight: 0,
    queue: false,
  });
  expect(solePool(settingsOf({ "queue-timeout": "0" }).resolved).queue).toEqual({
    maxWaiting: 1_024,
    timeoutMs: 0,
  });
});
