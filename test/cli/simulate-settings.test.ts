import { expect, test } from "bun:test";
import { Given } from "../../src/cli/given.ts";
import { SIMULATE_FLAGS } from "../../src/cli/simulate/simulate-flags.ts";
import { type SimulateSettings, simulateSettings } from "../../src/cli/simulate/simulate-settings.ts";
import { ConfigError } from "../../src/config/problem.ts";
import { ALGORITHMS } from "../../src/core/picking/index.ts";
import { CALM } from "../../src/simulation/scenario.ts";
import { messageOf } from "../config/message-of.ts";
import { poolOf } from "../config/pool-of.ts";

function settingsOf(values: Record<string, string>): SimulateSettings {
  const given = new Map(Object.entries(values).map(([name, value]) => [name, [value]] as const));
  return simulateSettings(new Given(SIMULATE_FLAGS, given, {}));
}

test("without flags it is a calm day, balanced as lb serve balances", () => {
  const { scenario, backends, policies, isJson, svg } = settingsOf({});
  expect({ scenario, backends, isJson, svg }).toEqual({
    scenario: CALM,
    backends: 100,
    isJson: false,
    svg: undefined,
  });
  const [policy] = policies;
  const {
    forwarded: _forwarded,
    middleware: _middleware,
    statusPath: _path,
    trustedProxies: _trusted,
    ...config
  } = poolOf({ backends: policy?.balancer.backends.map(({ origin }) => origin) ?? [] });
  expect(policies).toHaveLength(1);
  expect(policy?.balancer).toMatchObject(config);
  expect(policy).toMatchObject({
    attempts: config,
    balancer: { health: { rise: 1, fall: 1, checked: true }, retry: config },
    checkIntervalMs: 10_000,
  });
});

test("every default in the help, written out, is what it is without", () => {
  const written: Record<string, string> = {};
  for (const [name, flag] of Object.entries(SIMULATE_FLAGS)) {
    if ("default" in flag) written[name] = flag.default;
  }
  expect(settingsOf(written)).toEqual(settingsOf({}));
});

test("every flag arrives", () => {
  const { scenario, backends, policies, isJson, svg } = settingsOf({
    backends: "1000",
    rps: "5",
    seconds: "6",
    seed: "7",
    clients: "24",
    post: "8%",
    patience: "9s",
    "service-time": "10ms",
    distribution: "constant",
    concurrency: "11",
    slow: "12%",
    "slow-factor": "13",
    crash: "14%",
    "crash-every": "15s",
    "restart-after": "16s",
    faulty: "17%",
    refuse: "18%",
    reset: "19%",
    errors: "20.5%",
    unavailable: "25%",
    "health-check-interval": "21s",
    "health-rise": "2",
    "health-fall": "3",
    retries: "4",
    "retry-on": "timeout",
    timeout: "22s",
    "try-timeout": "23s",
    json: "true",
    svg: "chart.svg",
  });
  expect({ ...scenario, backends, isJson, svg }).toEqual({
    backends: 1000,
    requestsPerSecond: 5,
    durationMs: 6_000,
    seed: 7,
    clients: 24,
    postShare: 0.08,
    patienceMs: 9_000,
    serviceMs: 10,
    distribution: "constant",
    concurrency: 11,
    slowShare: 0.12,
    slowness: 13,
    crashShare: 0.14,
    crashEveryMs: 15_000,
    restartMs: 16_000,
    faultyShare: 0.17,
    refusals: 0.18,
    resets: 0.19,
    errors: 0.205,
    unavailable: 0.25,
    isJson: true,
    svg: "chart.svg",
  });
  const [policy] = policies;
  expect(new Set(policy?.balancer.backends.map(({ origin }) => origin)).size).toBe(1000);
  expect(policy).toMatchObject({
    checkIntervalMs: 21_000,
    attempts: { timeoutMs: 22_000, tryTimeoutMs: 23_000 },
    balancer: { health: { rise: 2, fall: 3 }, retry: { retries: 4, retryOn: ["timeout"] } },
  });
});

test("each algorithm has its turn once, the one that is asked about first", () => {
  const algorithms = (values: Record<string, string>) =>
    settingsOf(values).policies.map(({ balancer }) => balancer.algorithm as string);
  expect(algorithms({ compare: "all" })).toEqual([...ALGORITHMS]);
  expect(algorithms({ compare: "round-robin,round-robin" })).toEqual(["round-robin"]);
  expect(algorithms({ algorithm: "random", compare: "header:X-User,round-robin" })).toEqual([
    "random",
    "header:X-User",
    "round-robin",
  ]);
});

test.each([
  ["algorithm", "round-robbin", "--algorithm: "],
  ["compare", "round-robbin", "--compare: "],
  ["compare", "header:", "--compare: "],
  ["distribution", "normal", "--distribution: "],
  ["backends", "0", "--backends: "],
  ["slow", "5", "--slow: "],
  ["slow", "101%", "--slow: "],
  ["crash", "-1%", "--crash: "],
  ["retries", "many", "--retries: "],
  ["timeout", "soon", "--timeout: "],
])("--%s %s is told by its name", (name, value, begin) => {
  expect(() => settingsOf({ [name]: value })).toThrow(ConfigError);
  expect(messageOf(() => settingsOf({ [name]: value }))).toStartWith(begin);
});
