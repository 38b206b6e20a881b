import { expect, test } from "bun:test";
import { variableOf } from "../../src/cli/flags.ts";
import { Given } from "../../src/cli/given.ts";
import { SERVE_FLAGS } from "../../src/cli/serve-flags.ts";
import { type ServeSettings, serveSettings } from "../../src/cli/serve-settings.ts";
import { resolveConfig } from "../../src/config/config.ts";

const BACKENDS = ["http://a:1"];

function settingsOf(values: Record<string, string>, variables: Record<string, string> = {}): ServeSettings {
  const entries = Object.entries({ backends: BACKENDS.join(), ...values });
  const given = new Map(entries.map(([name, value]) => [name, [value]] as const));
  return serveSettings(new Given(SERVE_FLAGS, given, variables));
}

test("without flags the defaults are the library's", () => {
  const { resolved, port, host } = settingsOf({});
  expect(resolved).toEqual(resolveConfig({ backends: BACKENDS }));
  expect([port, host]).toEqual([8080, undefined]);
});

test("every default in the help, written out, is what it is without", () => {
  const written: Record<string, string> = {};
  for (const [name, flag] of Object.entries(SERVE_FLAGS)) if ("default" in flag) written[name] = flag.default;
  const { config: _, ...plain } = settingsOf({});
  expect(settingsOf(written)).toMatchObject(plain);
  const variables = Object.entries(written).map(([name, value]) => [variableOf(name), value]);
  expect(settingsOf({}, Object.fromEntries(variables))).toMatchObject(plain);
});

test("every flag arrives", () => {
  const settings = settingsOf({
    backends: "http://a:1;weight=3,http://b:2;tier=1",
    port: "0",
    host: "127.0.0.1",
    "health-check-interval": "500ms",
    "health-path": "/ready",
    "health-timeout": "1",
    "health-rise": "2",
    "health-fall": "3",
    retries: "5",
    "retry-on": "connect,timeout",
    timeout: "0",
    "try-timeout": "2m",
    "trusted-proxies": "10.0.0.0/8,::1",
    forwarded: "true",
    "status-path": "off",
    "log-format": "json",
    "log-level": "silent",
    "shutdown-timeout": "0",
  });
  expect(settings).toMatchObject({
    port: 0,
    host: "127.0.0.1",
    logFormat: "json",
    logLevel: "silent",
    shutdownTimeoutMs: 0,
  });
  expect(settings.resolved).toMatchObject({
    backends: [
      { origin: "http://a:1", weight: 3, tier: 0 },
      { origin: "http://b:2", weight: 1, tier: 1 },
    ],
    algorithm: "round-robin",
    healthCheck: { path: "/ready", intervalMs: 500, timeoutMs: 1000, rise: 2, fall: 3 },
    retries: 5,
    retryOn: ["connect", "timeout"],
    timeoutMs: 0,
    tryTimeoutMs: 120_000,
    forwarded: true,
    statusPath: false,
  });
  expect(settings.resolved.trustedProxies).toHaveLength(2);
});
