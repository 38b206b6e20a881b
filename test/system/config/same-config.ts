/** One config as each format writes it: in another order, with other words for the same, and with comments where there are any. */
export const SAME_CONFIG: Readonly<Record<string, string>> = {
  "same.yaml": `# yaml-language-server: $schema=lb.schema.json
listeners:
  - port: \${LB_TEST_PORT:-8080}
    host: 127.0.0.1
  - { port: 8443, front: web, host: 127.0.0.1 }
logFormat: json
trustedProxies: [10.0.0.0/8, "::1"]
algorithm: power-of-two
retryOn: [connect, 503]
healthCheck: &checks
  path: /up
  headers: { Authorization: Bearer 0123, accept: text/plain }
middleware:
  - requestId: {}
pools:
  web:
    backends: ["http://c:1"]
    healthCheck: false
  api:
    backends:
      - http://a:1;weight=3
      - { url: "http://b:1", drain: true, healthCheck: { body: { pattern: ^ok, flags: i } } }
    healthCheck: { intervalMs: 500 }
    sticky: { by: cookie, secret: 0123456789abcdef }
routes:
  - match:
      host: api.example.com
      path: /v1/*
      method: [GET, POST]
      headers: { x-beta: "1", x-kind: { pattern: ^a } }
    middleware:
      - stripPrefix: /v1
      - requestHeaders: { set: { x-from: lb }, remove: [X-Debug] }
    pool: api
    mirror: { pool: web, percent: 10 }
  - name: rest
    split: { pools: { web: 95, api: 5 }, by: ip }
`,
  "same.json": `{
  "$schema": "./lb.schema.json",
  "routes": [
    {
      "pool": "api",
      "mirror": { "percent": 10, "pool": "web" },
      "match": {
        "method": ["GET", "POST"], "path": "/v1/*", "host": "api.example.com",
        "headers": { "x-kind": { "pattern": "^a" }, "x-beta": "1" }
      },
      "middleware": [
        { "stripPrefix": "/v1" },
        { "requestHeaders": { "remove": ["X-Debug"], "set": { "x-from": "lb" } } }
      ]
    },
    { "split": { "by": "ip", "pools": { "api": 5, "web": 95 } }, "name": "rest" }
  ],
  "pools": {
    "api": {
      "sticky": { "secret": "0123456789abcdef", "by": "cookie" },
      "healthCheck": { "intervalMs": 500 },
      "backends": [
        { "url": "http://a:1", "weight": 3 },
        { "url": "http://b:1", "healthCheck": { "body": { "flags": "i", "pattern": "^ok" } }, "drain": true }
      ]
    },
    "web": { "healthCheck": false, "backends": ["http://c:1"] }
  },
  "middleware": [{ "requestId": {} }],
  "healthCheck": { "headers": { "accept": "text/plain", "Authorization": "Bearer 0123" }, "path": "/up" },
  "retryOn": ["connect", 503],
  "algorithm": "power-of-two",
  "trustedProxies": ["10.0.0.0/8", "::1"],
  "logFormat": "json",
  "listeners": [
    { "host": "127.0.0.1", "port": "\${LB_TEST_PORT:-8080}" },
    { "front": "web", "host": "127.0.0.1", "port": 8443 }
  ]
}
`,
  "same.toml": `# the same once more
logFormat = "json"
algorithm = "power-of-two"
retryOn = ["connect", 503]
trustedProxies = ["10.0.0.0/8", "::1"]
middleware = [{ requestId = {} }]

[[listeners]]
port = "\${LB_TEST_PORT:-8080}"
host = "127.0.0.1"

[[listeners]]
port = 8443
host = "127.0.0.1"
front = "web"

[healthCheck]
path = "/up"
headers = { Authorization = "Bearer 0123", accept = "text/plain" }

[pools.api]
healthCheck.intervalMs = 500
sticky = { by = "cookie", secret = "0123456789abcdef" }
backends = [
  "http://a:1; weight=3",
  { url = "http://b:1", drain = true, healthCheck.body = { pattern = "^ok", flags = "i" } },
]

[pools.web]
backends = ["http://c:1"]
healthCheck = false

[[routes]]
pool = "api"
mirror = { pool = "web", percent = 10 }
middleware = [
  { stripPrefix = "/v1" },
  { requestHeaders = { set = { x-from = "lb" }, remove = ["X-Debug"] } },
]
[routes.match]
host = "api.example.com"
path = "/v1/*"
method = ["GET", "POST"]
headers = { x-beta = "1", x-kind = { pattern = "^a" } }

[[routes]]
name = "rest"
split = { by = "ip", pools = { web = 95, api = 5 } }
`,
  "same.ts": `import { type FileConfig, defineConfig } from "lb";

const host = "127.0.0.1";
const pools: FileConfig["pools"] = {
  web: { backends: ["http://c:1"], healthCheck: false },
  api: {
    backends: [
      "http://a:1;weight=3",
      { url: "http://b:1", drain: true, tier: undefined, healthCheck: { body: /^ok/i } },
    ],
    healthCheck: { intervalMs: 500 },
    sticky: { by: "cookie", secret: "0123456789abcdef" },
  },
};

export default defineConfig({
  pools,
  listeners: [{ port: Number(process.env.LB_TEST_PORT ?? 8080), host }, { port: 8443, host, front: "web" }],
  logFormat: "json",
  trustedProxies: ["10.0.0.0/8", "::1"],
  algorithm: "power-of-two",
  retryOn: ["connect", 503],
  healthCheck: { path: "/up", headers: { Authorization: "Bearer 0123", accept: "text/plain" } },
  middleware: [{ requestId: {} }],
  routes: [
    {
      match: {
        host: "api.example.com",
        path: "/v1/*",
        method: ["GET", "POST"],
        headers: { "x-beta": "1", "x-kind": /^a/ },
      },
      middleware: [{ stripPrefix: "/v1" }, { requestHeaders: { set: { "x-from": "lb" }, remove: ["X-Debug"] } }],
      pool: "api",
      mirror: { pool: "web", percent: 10 },
    },
    { name: "rest", split: { pools: { web: 95, api: 5 }, by: "ip" } },
  ],
});
`,
};
