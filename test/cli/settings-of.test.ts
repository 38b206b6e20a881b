import { expect, test } from "bun:test";
import { Given } from "../../src/cli/given.ts";
import { loadSettings } from "../../src/cli/load-settings.ts";
import { SERVE_FLAGS } from "../../src/cli/serve-flags.ts";
import type { ServeSettings } from "../../src/cli/serve-settings.ts";
import { ConfigError } from "../../src/config/problem.ts";
import { ConfigFileError } from "../../src/config-file/index.ts";
import { TestFolder } from "../config-file/folder.ts";

const folder = new TestFolder();

/** What a file comes to, with flags and variables over it. */
function settingsOf(
  text: string,
  values: Record<string, string> = {},
  variables: Record<string, string> = {},
): Promise<ServeSettings> {
  const config = folder.write("lb.yaml", text);
  const given = Object.entries({ config, ...values }).map(([name, value]) => [name, [value]] as const);
  return loadSettings(new Given(SERVE_FLAGS, new Map(given), variables), variables);
}

async function messageOf(settings: Promise<unknown>): Promise<string> {
  const error = await settings.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConfigError)) throw error ?? new Error("it was taken");
  return error.message.replaceAll(`${folder.path}/`, "");
}

const POOLS = `
retries: 1
healthCheck: { path: /up, intervalMs: 500 }
pools:
  a: { backends: [http://a:1], retries: 2, healthCheck: { timeoutMs: 7 } }
  b: { backends: [http://b:1] }
routes: [{ pool: a }]
`;

test("variables count more than the file, and flags more than both; what a pool says of its own stays", async () => {
  const { resolved, logLevel, source } = await settingsOf(
    `logLevel: error\n${POOLS}`,
    { retries: "5" },
    { LB_RETRIES: "4", LB_LOG_LEVEL: "debug", LB_HEALTH_PATH: "/from-variable" },
  );
  expect([resolved.pools.get("a")?.retries, resolved.pools.get("b")?.retries]).toEqual([2, 5]);
  expect(logLevel).toBe("debug");
  const healthCheck = { path: "/from-variable", intervalMs: 500 };
  expect(resolved.pools.get("a")).toMatchObject({ healthCheck: { ...healthCheck, timeoutMs: 7 } });
  expect(resolved.pools.get("b")).toMatchObject({ healthCheck });
  expect(source).toEqual({ file: folder.write("lb.yaml", ""), files: [`${folder.path}/lb.yaml`] });
});

test("what is on in the file can be turned off by a flag, and the other way round", async () => {
  const on =
    "backends: [http://a:1]\nforwarded: true\ncircuitBreaker: {}\nqueue: {}\nadaptiveConcurrency: {}\n";
  const off = await settingsOf(on, {
    forwarded: "false",
    "breaker-errors": "0",
    queue: "0",
    "adaptive-concurrency": "false",
  });
  expect(off.resolved.forwarded).toBe(false);
  expect(off.resolved.pools.get("default")).toMatchObject({
    circuitBreaker: false,
    queue: false,
    adaptiveConcurrency: false,
  });
  const again = await settingsOf("backends: [http://a:1]\nhealthCheck: false\nslowStart: false\n", {
    "health-path": "/up",
    "slow-start": "5s",
  });
  expect(again.resolved.pools.get("default")).toMatchObject({
    healthCheck: { path: "/up" },
    slowStart: { windowMs: 5_000 },
  });
});

test("backends that are given are the file's, or what it lacks", async () => {
  const { resolved } = await settingsOf("retries: 0\n", { backends: "http://x:1,http://y:1" });
  expect(resolved.pools.get("default")).toMatchObject({
    retries: 0,
    backends: [{ origin: "http://x:1" }, { origin: "http://y:1" }],
  });
});

test("flags about a listener are about the only one, or about what all have", async () => {
  const one = await settingsOf("backends: [http://a:1]\nlisteners: [{ port: 81, host: 127.0.0.1 }]\n", {
    port: "82",
    "max-connections": "9",
  });
  expect(one.listeners).toMatchObject([{ port: 82, host: "127.0.0.1", limits: { maxConnections: 9 } }]);
  const two = "backends: [http://a:1]\nlisteners: [{ port: 81 }, { port: 82, headTimeoutMs: 5 }]\n";
  const both = await settingsOf(two, { "head-timeout": "1s" });
  expect(both.listeners.map(({ port, limits }) => [port, limits.headTimeoutMs])).toEqual([
    [81, 1_000],
    [82, 1_000],
  ]);
  for (const flag of ["port", "host", "tls-cert", "tls-key"]) {
    expect(await messageOf(settingsOf(two, { [flag]: "1" }))).toBe(
      `--${flag}: found beside a config with 2 listeners, expected it to be said there of one of them`,
    );
  }
});

test("a variable in the file is a number or a text, as whoever takes it expects", async () => {
  const text = `backends: [http://a:1]
listeners: [{ port: "\${PORT}" }]
retries: \${RETRIES}
healthCheck: { host: "\${HOST}" }
`;
  const variables = { PORT: "81", RETRIES: "3", HOST: "12" };
  const { listeners, resolved } = await settingsOf(text, {}, variables);
  expect(listeners[0]?.port).toBe(81);
  expect(resolved.pools.get("default")).toMatchObject({ retries: 3, healthCheck: { host: "12" } });
  expect(await messageOf(settingsOf(text, {}, { ...variables, PORT: "http" }))).toBe(
    'lb.yaml:2:21: listeners[0].port: found "http", expected a whole number from 0 to 65535',
  );
});

test("files are named from the folder of the config, those of flags from where lb is run", async () => {
  folder.write(
    "tls/lb.yaml",
    "backends: [http://a:1]\nlisteners: [{ tls: { cert: c.pem, key: ../k.pem } }]\n",
  );
  const config = `${folder.path}/tls/lb.yaml`;
  const place = "tls/lb.yaml:2:28: listeners[0].tls.cert";
  expect(await messageOf(settingsOf("", { config }))).toBe(
    `${place}: found "tls/c.pem", which is not there, expected a file`,
  );
  expect(await messageOf(settingsOf("", { config, "tls-cert": "c.pem" }))).toBe(
    '--tls-cert: found "c.pem", which is not there, expected a file',
  );
});

test.skipIf(process.platform !== "linux")(
  "what is wrong with several listeners and pools is told at once, in the order of the file",
  async () => {
    const text = `workers: 2
sticky: { by: ip }
listeners:
  - { port: 81, tls: { cert: c.pem, key: k.pem } }
  - { port: 82 }
pools:
  a: { backends: [http://localhost:82] }
  b: { backends: [http://b:1], sticky: { by: header:x } }
routes: [{ pool: a }]
`;
    const each =
      "with 2 workers, each of which would remember other sessions; expected cookie, or the algorithm";
    const own = "which is where lb itself listens, expected another address or port";
    const message = await messageOf(settingsOf(text));
    expect(message.split("\n")).toEqual([
      `lb.yaml:2:15: sticky.by: found "ip" ${each} ip-hash in its place`,
      'lb.yaml:4:30: listeners[0].tls.cert: found "c.pem", which is not there, expected a file',
      `lb.yaml:7:19: pools.a.backends: found http://localhost:82, ${own}`,
      `lb.yaml:8:46: pools.b.sticky.by: found "header:x" ${each} header:x in its place`,
    ]);
  },
);

test("the error names the files that a change in may mend it", async () => {
  const error = await settingsOf("retries: x").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigFileError);
  expect((error as ConfigFileError).files).toEqual([`${folder.path}/lb.yaml`]);
});
