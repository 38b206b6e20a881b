import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { readConfigFile } from "../../src/config-file/index.ts";
import { TestFolder } from "./folder.ts";

const folder = new TestFolder();

const EXPECTED = {
  algorithm: "least-request",
  retries: 2,
  forwarded: true,
  statusPath: false,
  hashBalanceFactor: 1.25,
  pools: {
    api: { backends: ["http://a:1", { url: "http://b:1", weight: 3 }], healthCheck: { path: "/up" } },
    "web.eu": { backends: ["http://c:1"] },
  },
  routes: [
    { name: "api", match: { host: "api.example.com", method: ["GET", "POST"] }, pool: "api" },
    { pool: "web.eu" },
  ],
};

const FILES: Readonly<Record<string, string>> = {
  yaml: `# The same in every format.
algorithm: least-request
retries: 2
forwarded: true
statusPath: false
hashBalanceFactor: 1.25
pools:
  api:
    backends:
      - http://a:1
      - url: http://b:1
        weight: 3
    healthCheck: { path: /up }
  "web.eu":
    backends: ["http://c:1"]
routes:
  - name: api
    match:
      host: api.example.com
      method: [GET, 'POST']
    pool: api
  - pool: web.eu
`,
  json: `{
  "algorithm": "least-request", "retries": 2, "forwarded": true,
  "statusPath": false, "hashBalanceFactor": 1.25,
  "pools": {
    "api": {
      "backends": ["http://a:1", { "url": "http://b:1", "weight": 3 }],
      "healthCheck": { "path": "/up" }
    },
    "web.eu": { "backends": [ "http://c:1" ] }
  },
  "routes": [
    { "name": "api", "match": { "host": "api.example.com", "method": ["GET", "POST"] }, "pool": "api" },
    { "pool": "web.eu" }
  ]
}
`,
  toml: `# The same in every format.
algorithm = "least-request"
retries = 2
forwarded = true
statusPath = false
hashBalanceFactor = 1.25

[pools.api]
backends = [
  "http://a:1",
  { url = "http://b:1", weight = 3 },
]
healthCheck.path = "/up"

[pools."web.eu"]
backends = ["http://c:1"]

[[routes]]
name = 'api'
pool = "api"
[routes.match]
host = "api.example.com"
method = ["GET", "POST"]

[[routes]]
pool = "web.eu"
`,
  ts: `import { pickBy } from "lb";
const eu: string = typeof pickBy === "function" ? "web.eu" : "nothing";
export default ${JSON.stringify(EXPECTED).replaceAll('"web.eu"}', "eu}")};
`,
};

type Path = (string | number)[];

describe.each(Object.keys(FILES))("%s", (extension) => {
  const file = folder.write(`lb.${extension}`, FILES[extension] as string);

  test("holds the config", async () => {
    const source = await readConfigFile(file, {});
    expect(source.value).toEqual(EXPECTED);
    expect(source.file).toBe(file);
    expect(source.files).toEqual([file]);
  });

  if (extension === "ts") {
    test("has no places", async () => {
      const source = await readConfigFile(file, {});
      expect(source.where(["retries"], "key")).toBeUndefined();
      expect(source.has(["retries"])).toBe(true);
      expect(source.reread([["retries"]])).toBeUndefined();
    });
    return;
  }

  test.each([
    [["retries"], "2"],
    [["forwarded"], "true"],
    [["hashBalanceFactor"], "1.25"],
    [["pools", "api", "backends", 0], /^"?http:\/\/a:1/],
    [["pools", "api", "backends", 1, "weight"], "3"],
    [["pools", "api", "healthCheck", "path"], /^"?\/up/],
    [["pools", "web.eu", "backends", 0], '"http://c:1"'],
    [["routes", 0, "match", "method", 1], /^["']POST/],
    [["routes", 1, "pool"], /^"?web\.eu/],
  ] as [Path, string | RegExp][])("says where the value of %j stands", async (path, expected) => {
    const source = await readConfigFile(file, {});
    const rest = restAt(source.where(path, "value"));
    if (typeof expected === "string") expect(rest.slice(0, expected.length)).toBe(expected);
    else expect(rest).toMatch(expected);
  });

  test.each([
    [["retries"], "retries"],
    [["pools"], "pools"],
    [["pools", "api"], "api"],
    [["pools", "api", "backends"], "backends"],
    [["pools", "api", "healthCheck"], "healthCheck"],
    [["pools", "api", "healthCheck", "path"], "path"],
    [["pools", "api", "backends", 1, "weight"], "weight"],
    [["pools", "web.eu"], "web.eu"],
    [["routes", 0, "match"], "match"],
    [["routes", 0, "match", "host"], "host"],
    [["routes", 1, "pool"], "pool"],
  ] as [Path, string][])("says where the key of %j stands", async (path, key) => {
    const source = await readConfigFile(file, {});
    expect(restAt(source.where(path, "key")).replace(/^"/, "")).toStartWith(key);
  });

  test("of what is not there, names the nearest parent", async () => {
    const source = await readConfigFile(file, {});
    const parent = ["pools", "api"];
    for (const of of ["key", "value"] as const) {
      expect(source.where([...parent, "retries", "deep", 3], of)).toEqual(source.where(parent, of) as never);
      expect(source.where(["retries", "deep"], of)).toEqual(source.where(["retries"], of) as never);
    }
    expect(source.where(["nothing"], "value")).toEqual(source.where([], "value") as never);
    expect(source.has(["pools", "api"])).toBe(true);
    expect(source.has(["pools", "api", "retries"])).toBe(false);
    expect(source.has(["routes", 2])).toBe(false);
    expect(source.has(["routes", "0"])).toBe(false);
  });

  /** What stands in the file from a place on. */
  function restAt(place: { line: number; column: number } | undefined): string {
    if (place === undefined) throw new Error("expected a place");
    const lines = readFileSync(file, "utf8").split("\n");
    return (lines[place.line - 1] as string).slice(place.column - 1);
  }
});
