import { expect, test } from "bun:test";
import { Ajv } from "ajv";
import { TestFolder } from "../../config-file/folder.ts";
import { run } from "../program.ts";
import { SAME_CONFIG } from "./same-config.ts";

const folder = new TestFolder();
for (const [name, text] of Object.entries(SAME_CONFIG)) folder.write(name, text);

const check = (...words: string[]) => run(["check", ...words], {}, folder.path);

test("a config prints the same to the byte, whatever format it is written in", async () => {
  const printed = await Promise.all(Object.keys(SAME_CONFIG).map((name) => check(name, "--print")));
  for (const { exitCode, stderr } of printed) expect([exitCode, stderr]).toEqual([0, ""]);
  const texts = printed.map(({ stdout }) => stdout);
  expect(new Set(texts).size).toBe(1);
  const config = JSON.parse(texts[0] as string);
  expect(config).toMatchObject({
    listeners: [{ port: 8080, host: "127.0.0.1", front: "http1", maxConnections: 65_536 }, { front: "web" }],
    workers: 1,
    logLevel: "info",
    trustedProxies: ["10.0.0.0/8", "::1"],
    pools: {
      api: {
        algorithm: "power-of-two",
        healthCheck: {
          path: "/up",
          intervalMs: 500,
          headers: { Authorization: "[secret]", accept: "text/plain" },
        },
        sticky: { name: "lb", secret: "[secret]" },
        backends: [{ url: "http://a:1", weight: 3 }, { drain: true }],
      },
      web: { healthCheck: false, timeoutMs: 60_000 },
    },
    routes: [{ name: "api.example.com/v1/*", priority: 0 }, { name: "rest" }],
  });
  expect(texts[0]).not.toContain("0123");
});

test("what is printed is a config that prints the same again", async () => {
  const { stdout } = await check("same.yaml", "--print");
  // What is hidden must be of some length to be a secret.
  folder.write("printed.json", stdout.replaceAll("[secret]", "0123456789abcdef"));
  const again = await check("printed.json", "--print");
  expect(again).toEqual({ exitCode: 0, stdout, stderr: "" });
});

test("functions are printed by their names", async () => {
  const text = `import { defineConfig, pickBy } from "lb";
export default defineConfig({
  backends: ["http://a:1"],
  algorithm: function slowest(random) { return pickBy((backends) => backends[0])(random); },
  middleware: [async function addTrace(request, next) { return next(request); }, (request, next) => next(request)],
});
`;
  folder.write("functions.ts", text);
  const { exitCode, stdout, stderr } = await check("functions.ts", "--print");
  expect([exitCode, stderr]).toEqual([0, ""]);
  const config = JSON.parse(stdout);
  expect(config.middleware).toEqual(["[function addTrace]", "[function without a name]"]);
  expect(config.pools.default.algorithm).toBe("[function slowest]");
});

test("flags and variables are in what is printed", async () => {
  const words = ["check", "same.toml", "--print", "--retries", "7", "--log-level", "warn"];
  const { stdout } = await run(words, { LB_HEALTH_TIMEOUT: "3s", LB_TEST_PORT: "99" }, folder.path);
  expect(JSON.parse(stdout)).toMatchObject({
    logLevel: "warn",
    listeners: [{ port: 99 }, { port: 8443 }],
    pools: {
      api: { retries: 7, healthCheck: { path: "/up", timeoutMs: 3_000, intervalMs: 500 } },
      web: { retries: 7 },
    },
  });
});

test("a config that is right is said to be, with what is in it", async () => {
  expect(await check("same.json")).toEqual({
    exitCode: 0,
    stdout: "same.json is right: 2 listeners, 2 routes, 2 pools, 3 backends\n",
    stderr: "",
  });
  expect(await check("--backends", "http://a:1")).toMatchObject({
    exitCode: 0,
    stdout: "what was given is right: 1 listener, 1 route, 1 pool, 1 backend\n",
  });
});

test("what is risky is told with its place, and is no mistake", async () => {
  folder.write(
    "risky.yaml",
    `trustedProxies: [10.0.0.0/8, "::/0"]
listeners: [{ port: 80 }]
healthCheck: false
pools:
  api: { backends: [http://a:1, http://b:1], timeoutMs: 0 }
  old: { backends: [{ url: http://c:1, drain: true }] }
  lost: { backends: [http://d:1] }
middleware:
  - faults: { abort: { percent: 1 } }
  - jwt: { algorithms: [RS256], jwksUrl: "http://login/jwks", requiredClaims: [] }
routes:
  - pool: api
  - { match: { path: /old/* }, pool: old, priority: -1 }
`,
  );
  const { exitCode, stdout, stderr } = await check("risky.yaml");
  expect([exitCode, stdout]).toEqual([
    0,
    "risky.yaml is right: 1 listener, 2 routes, 3 pools, 4 backends; 10 warnings\n",
  ]);
  expect(stderr.replaceAll("risky.yaml:", "").replaceAll("warning: ", "").split("\n")).toEqual([
    "1:30: trustedProxies: found a range of everybody, so that any client may say which address it has; expected the proxies before lb alone",
    "3:14: healthCheck: found false, so that requests find out which of the 2 backends of the pool api are down; expected checks",
    "5:57: pools.api.timeoutMs: found 0, and no requestTimeoutMs, so that a backend of the pool api that never answers holds its requests for ever; expected a limit",
    "6:20: pools.old.backends: found that all drain, so that nobody takes new requests; expected one that does not",
    "7:9: pools.lost: found a pool that no route sends requests to; expected one that does",
    "9:13: middleware[0].faults: found faults, which let requests wait or fail on purpose; expected none outside tests",
    "10:10: middleware[1].jwt: found no audience, so that tokens made for others are taken; expected whom they are for",
    "10:42: middleware[1].jwt.jwksUrl: found http, so that whoever is on the way can put in keys; expected https",
    "10:79: middleware[1].jwt.requiredClaims: found no exp, so that a token may be good for ever; expected it",
    '13:5: routes: no request can reach "/old/*", since "*" comes before it and takes them all; a higher priority would let it be asked first',
    "",
  ]);
});

test("passwords over plain HTTP are risky where others can reach it, and no proxy may be where TLS ends", async () => {
  const config = (top: string) =>
    `${top}
backends: [http://a:1]
middleware:
  - basicAuth: { users: { ann: $2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy } }
`;
  folder.write("open.yaml", config("listeners: [{ port: 80 }, { port: 81, host: 127.0.0.1 }]"));
  folder.write("proxied.yaml", config("trustedProxies: [10.0.0.1]"));
  expect((await check("open.yaml")).stderr).toBe(
    "open.yaml:1:13: warning: listeners[0]: found no tls, so that passwords for basicAuth come in the clear; expected tls, or a host of this machine alone\n",
  );
  expect((await check("proxied.yaml")).stderr).toBe("");
});

test("for a program warnings and the config are JSON", async () => {
  const { exitCode, stdout, stderr } = await check("risky.yaml", "--json", "--print");
  expect([exitCode, stderr]).toEqual([0, ""]);
  const { ok, problems, config } = JSON.parse(stdout);
  expect([ok, problems.length, Object.keys(config.pools)]).toEqual([true, 10, ["api", "lost", "old"]]);
  expect(problems[0]).toMatchObject({ severity: "warning", file: "risky.yaml", line: 1, column: 30 });
});

test("the JSON Schema takes what the balancer takes, and refuses the keys and values that it refuses", async () => {
  const { exitCode, stdout } = await run(["schema"]);
  expect(exitCode).toBe(0);
  const schema = JSON.parse(stdout);
  const takes = new Ajv({ strict: false, allErrors: true }).compile(schema);
  const config = JSON.parse(SAME_CONFIG["same.json"] as string);
  expect([takes(config), takes.errors]).toEqual([true, null]);
  const printed = JSON.parse(
    (await check("same.json", "--print")).stdout.replaceAll("[secret]", "0123456789abcdef"),
  );
  expect([takes(printed), takes.errors]).toEqual([true, null]);
  for (const wrong of [
    { retires: 1 },
    { retries: "x" },
    { retries: 101 },
    { listeners: [] },
    { listeners: [{ prot: 80 }] },
    { pools: { "a b": { backends: ["http://a:1"] } } },
    { pools: { a: { backends: ["http://a:1"], statusPath: "/x" } } },
    { middleware: [{ stripPrefx: "/v1" }] },
    { middleware: [{ stripPrefix: "v1" }] },
    { routes: [{ match: { path: 5 } }] },
    { sticky: { by: "cookie", secret: "short" } },
  ]) {
    expect([wrong, takes({ ...config, ...wrong })]).toEqual([wrong, false]);
  }
  // What variables say, nobody knows.
  expect(takes({ ...config, retries: `\${RETRIES}`, forwarded: `\${FORWARDED}` })).toBe(true);
  for (const { description } of Object.values<{ description?: string }>(schema.properties)) {
    expect(description).toMatch(/^[A-Z].*\.$/s);
  }
});
