/** Config files with mistakes, each with the lines that `lb check` writes on it. */
export const BROKEN_FILES: Readonly<Record<string, readonly [text: string, lines: readonly string[]]>> = {
  "wrong-value.yaml": [
    'retries: x\nbackends: ["http://a:1"]\n',
    ['1:10: retries: found "x", expected a whole number from 0 to 100'],
  ],
  "unknown-key.yaml": [
    'backends: ["http://a:1"]\nretires: 2\n',
    ['2:1: config: found the unknown key "retires"; did you mean retries?'],
  ],
  "unknown-key-inside.yaml": [
    "pools:\n  api:\n    backends: [http://a:1]\n    healthCheck:\n      pth: /up\n",
    ['5:7: pools.api.healthCheck: found the unknown key "pth"; did you mean path?'],
  ],
  "empty.yaml": ["", ["1:1: backends: found none, expected at least one URL such as http://localhost:8081"]],
  "comment.yaml": [
    "# nothing but a comment\n",
    ["1:1: backends: found none, expected at least one URL such as http://localhost:8081"],
  ],
  "list.yaml": ["- a\n- b\n", ['1:1: config: found ["a","b"], expected an object']],
  "backend.yaml": [
    "backends:\n  - http://a:1\n  - { url: ftp://b, wieght: 2 }\n",
    [
      '3:7: backends: found "ftp://b", expected a URL that begins with http:// or https://, not ftp://',
      '3:21: backends: ftp://b has the unknown key "wieght"; did you mean weight?',
    ],
  ],
  "no-routes.yaml": [
    "pools:\n  api: { backends: [http://a:1] }\n  web: { backends: [http://b:1] }\n",
    ["1:1: routes: found none, expected which requests go to api or web"],
  ],
  "route.yaml": [
    "pools:\n  api: { backends: [http://a:1] }\nroutes:\n  - match: { path: v1/* }\n    pool: apo\n",
    [
      '4:20: routes[0].match.path: found "v1/*", expected a path that begins with /, such as /v1/*',
      '5:11: routes[0].pool: found the unknown pool "apo"; did you mean api?',
    ],
  ],
  "middleware-name.yaml": [
    "backends: [http://a:1]\nroutes:\n  - middleware:\n      - stripPrefx: /v1\n    pool: default\n",
    ['4:9: routes[0].middleware[0]: found the unknown middleware "stripPrefx"; did you mean stripPrefix?'],
  ],
  "short-secret.yaml": [
    "backends: [http://a:1]\nmiddleware:\n  - jwt: { algorithms: [HS256], secret: short }\n",
    ["3:41: middleware[0].jwt.secret: expected at least 32 bytes"],
  ],
  "same-port.yaml": [
    "backends: [http://a:1]\nlisteners:\n  - port: 81\n  - port: 81\n    host: 127.0.0.1\n",
    ["4:11: listeners[1].port: found 81, which listeners[0] has already, expected another port"],
  ],
  "admin-port.yaml": [
    "backends: [http://a:1]\nadmin: { port: 8080, token: 0123456789abcdef }\n",
    ["2:16: admin.port: found 8080, which listeners[0] has already, expected another port"],
  ],
  "admin-token.yaml": [
    "backends: [http://a:1]\nadmin: { port: 81, token: not for everybody's eyes }\n",
    ["2:27: admin.token: expected at least 16 letters, digits and signs, without spaces"],
  ],
  "web-limits.yaml": [
    "backends: [http://a:1]\nlisteners:\n  - front: web\n    maxConnections: 10\n",
    ["4:21: listeners[0].maxConnections: found with the front web, expected http1, which alone has it"],
  ],
  "fetch-limits.yaml": [
    "backends: [http://a:1]\ntransport: fetch\nconnectTimeoutMs: 5\n",
    ["3:19: connectTimeoutMs: found with the transport fetch, expected http1, which alone has it"],
  ],
  "certificate.yaml": [
    "backends: [http://a:1]\nlisteners:\n  - tls: { cert: nowhere.pem, key: key.pem }\n",
    ['3:18: listeners[0].tls.cert: found "nowhere.pem", which is not there, expected a file'],
  ],
  "half-certificate.yaml": [
    "backends: [http://a:1]\nlisteners:\n  - port: 81\n    tls: { cert: nowhere.pem }\n",
    ["4:5: listeners[0].tls.key: found nothing, expected the name of a file"],
  ],
  "twice.yaml": [
    "backends: [http://a:1]\nretries: 2\nretries: 3\n",
    ['3:1: found the key "retries" again, expected each key once'],
  ],
  "variable.yaml": [
    `backends: [http://a:1]\nsticky: { by: cookie, secret: "\${LB_TEST_NOT_SET}" }\n`,
    [`2:32: found \${LB_TEST_NOT_SET}, which is not set, expected it to be, or \${LB_TEST_NOT_SET:-default}`],
  ],
  "own-address.yaml": [
    "backends: [http://localhost:81]\nlisteners: [{ port: 80 }, { port: 81 }]\n",
    [
      "1:12: backends: found http://localhost:81, which is where lb itself listens, expected another address or port",
    ],
  ],
  "tab.yaml": [
    "backends: [http://a:1]\n\tretries: 2\n",
    ["2:1: found a tab, expected spaces before the line's first word"],
  ],
  "top-port.yaml": [
    "backends: [http://a:1]\nlisteners: { port: 80 }\n",
    ['2:12: listeners: found {"port":80}, expected a list of listeners'],
  ],
  "values.json": [
    '{\n  "backends": ["http://a:1"],\n  "retries": 200,\n  "statusPath": "status"\n}\n',
    [
      "3:14: retries: found 200, expected a whole number from 0 to 100",
      '4:17: statusPath: found "status", expected a path that begins with /, such as /lb-status',
    ],
  ],
  "lenient.json": [
    '{\n  "backends": ["http://a:1",],\n  // why\n  "retries": 2\n}\n',
    [
      "2:28: found a comma before ], expected none after the last entry",
      "3:3: found a comment, expected none: JSON has no comments",
    ],
  ],
  "no-listener.json": [
    '{ "backends": ["http://a:1"], "listeners": [] }\n',
    ["1:44: listeners: found none, expected at least one listener"],
  ],
  "names.json": [
    '{ "backends": ["http://a:1"], "routes": [{ "name": "a", "pool": "default" },\n{ "name": "a", "split": { "pools": { "b": 1 } } }] }\n',
    [
      '2:11: routes[1].name: found "a" twice, expected a name for each route',
      '2:38: routes[1].split.pools: found the unknown pool "b", expected default',
    ],
  ],
  "bracket.json": ['{ "backends": ["http://a:1" }\n', ['1:29: found "}", expected a comma or ]']],
  "values.toml": [
    'backends = ["http://a:1"]\ntransport = "http"\n[healthCheck]\npath = "up"\nintervalMs = 0\n',
    [
      '2:13: transport: found "http", expected fetch or http1; did you mean http1?',
      '4:8: healthCheck.path: found "up", expected a path that begins with /, such as /health',
      "5:14: healthCheck.intervalMs: found 0, expected a number of milliseconds, at least 1",
    ],
  ],
  "syntax.toml": [
    'backends = ["http://a:1"]\nretries = = 2\n',
    ['2:11: found "=", expected a quoted string, a number, true, false, a date, a list or an inline table'],
  ],
  "listeners.toml": [
    'backends = ["http://a:1"]\n[[listeners]]\nport = 65536\n[[listeners]]\nhost = "a b"\n',
    [
      "3:8: listeners[0].port: found 65536, expected a whole number from 0 to 65535",
      '5:8: listeners[1].host: found "a b", expected an address such as 127.0.0.1 or ::1',
    ],
  ],
  "process.toml": [
    'backends = ["http://a:1"]\ntrustedProxies = ["10.0.0.0/33"]\nlogLevel = "loud"\nworkers = 0\n',
    [
      '2:19: trustedProxies: found "10.0.0.0/33", expected an address or a range such as 10.0.0.0/8 or fd00::/8',
      '3:12: logLevel: found "loud", expected debug, info, warn, error or silent',
      "4:11: workers: found 0, expected auto or a whole number from 1 to 256",
    ],
  ],
  "values.mjs": [
    'export default { backends: ["http://a:1"], retires: 1, retries: -1 };\n',
    [
      'config: found the unknown key "retires"; did you mean retries?',
      "retries: found -1, expected a whole number from 0 to 100",
    ],
  ],
  "import.ts": [
    'import { missing } from "./nowhere.ts";\nexport default { backends: missing };\n',
    ['found the import "./nowhere.ts", which is not there, expected a module'],
  ],
  "syntax.ts": [
    "export default { backends: [\n",
    ["1:29: found what is no TypeScript (Unexpected end of file), expected a program"],
  ],
  "no-default.ts": [
    "export const config = {};\n",
    ["found no default export, expected export default defineConfig({ … })"],
  ],
  "throws.ts": [
    'export default () => {\n  throw new Error("no database");\n};\n',
    ["2:13: threw Error: no database"],
  ],
  "what.ini": [
    "a=b\n",
    ['found the extension ".ini", expected one of .yaml, .yml, .json, .toml, .ts, .mts, .js, .mjs'],
  ],
};
