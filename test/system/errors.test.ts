import { describe, expect, test } from "bun:test";
import { ALGORITHM_LIST } from "../../src/config/algorithm.ts";
import { Program, run } from "./program.ts";
import { listeningUrl } from "./stage.ts";

const A = "http://localhost:1";

/** The command line, its one sentence, and the variables that it was given. */
type Mistake = readonly [words: string, sentence: string, variables?: Record<string, string>];

const USAGE: readonly Mistake[] = [
  ["", "--backends: found none, expected at least one URL such as http://localhost:8081 (or try lb demo)"],
  ["sevre", '"sevre": unknown command; did you mean serve?'],
  [
    "launch",
    '"launch": unknown command, expected one of serve, demo, simulate, status, check, explain, reload, schema, hash-password, test-server',
  ],
  ["help sevre", '"sevre": unknown command; did you mean serve?'],
  ["-bakends x", "-bakends: unknown flag; did you mean --backends?"],
  ["--prot=80", "--prot: unknown flag; did you mean --port?"],
  ["serve --colour", "--colour: unknown flag, expected one of those that lb serve --help lists"],
  ["test-server --nam x", "--nam: unknown flag; did you mean --name?"],
  ["-backends", "--backends: found no value, expected URL[,URL…]"],
  ["-backends -port 80", "--backends: found no value, expected URL[,URL…]"],
  [`-backends ${A} demo`, 'lb serve: found "demo", expected a flag such as --backends'],
  [`serve ${A}`, `lb serve: found "${A}", expected a flag such as --backends`],
];

const VALUES: readonly Mistake[] = [
  [
    "-backends x",
    '--backends: found "x", expected a URL such as http://localhost:8081; did you mean http://x?',
  ],
  ["-backends=", "--backends: found none, expected at least one URL such as http://localhost:8081"],
  [
    "-backends ftp://x",
    '--backends: found "ftp://x", expected a URL that begins with http:// or https://, not ftp://',
  ],
  [`-backends ${A}/x`, `--backends: found "${A}/x", expected an origin without a path, such as ${A}`],
  [`-backends ${A},${A}`, `--backends: ${A} is listed twice, expected each backend once`],
  [
    `-backends ${A};wieght=2`,
    `--backends: ${A} has the option "wieght=2", expected weight=N, tier=N, max-in-flight=N or drain; did you mean weight?`,
  ],
  [`-backends ${A} -port 65536`, '--port: found "65536", expected a whole number from 0 to 65535'],
  [`-backends ${A} -port -1`, '--port: found "-1", expected a whole number from 0 to 65535'],
  [`-backends ${A} -port http`, '--port: found "http", expected a whole number from 0 to 65535'],
  [
    `-backends ${A} -health-check-interval 0`,
    '--health-check-interval: found "0", expected more than 0: a time such as 10 (seconds), 5s or 500ms',
  ],
  [
    `-backends ${A} -health-check-interval soon`,
    '--health-check-interval: found "soon", expected a time such as 10 (seconds), 5s or 500ms',
  ],
  [
    `-backends ${A} -health-path health`,
    '--health-path: found "health", expected a path that begins with /, such as /health',
  ],
  [
    `-backends ${A} -health-status 2xx`,
    '--health-status: found "2xx", expected statuses such as 200-399 or 200,204,404',
  ],
  [`-backends ${A} -overprovisioning 0.5`, "--overprovisioning: found 0.5, expected a number from 1 to 100"],
  [
    `-backends ${A} -panic-threshold half`,
    '--panic-threshold: found "half", expected a number from 0 to 100',
  ],
  [`-backends ${A} -breaker-errors 101`, '--breaker-errors: found "101", expected a number from 0 to 100'],
  [`-backends ${A} -health-rise 0`, '--health-rise: found "0", expected a whole number from 1 to 1000'],
  [
    `-backends ${A} -algorithm round-robbin`,
    `--algorithm: found "round-robbin", expected ${ALGORITHM_LIST}; did you mean round-robin?`,
  ],
  [
    `-backends ${A} -algorithm cookie`,
    `--algorithm: found "cookie", expected ${ALGORITHM_LIST}; did you mean cookie:NAME?`,
  ],
  [
    `-backends ${A} -algorithm header:`,
    '--algorithm: found "header:", expected the name of a header field, such as header:X-User',
  ],
  [
    `-backends ${A} -hash-balance-factor x`,
    '--hash-balance-factor: found "x", expected a number above 1 and up to 100, or off',
  ],
  [
    `-backends ${A} -hash-balance-factor 1`,
    "--hash-balance-factor: found 1, expected a number above 1 and up to 100",
  ],
  [
    `-backends ${A} -retry-on connect,resett`,
    '--retry-on: found "resett", expected connect, reset, timeout, 500, 502, 503 or 504; did you mean reset?',
  ],
  [
    `-backends ${A} -trusted-proxies 10.0.0.0/33`,
    '--trusted-proxies: found "10.0.0.0/33", expected an address or a range such as 10.0.0.0/8 or fd00::/8',
  ],
  [
    `-backends ${A} -status-path status`,
    '--status-path: found "status", expected a path that begins with /, such as /lb-status',
  ],
  [`-backends ${A} -forwarded=maybe`, '--forwarded: found "maybe", expected true or false'],
  [
    `-backends ${A} -log-format jason`,
    '--log-format: found "jason", expected pretty or json; did you mean json?',
  ],
  [
    `-backends ${A} -log-level loud`,
    '--log-level: found "loud", expected debug, info, warn, error or silent',
  ],
  [`-backends ${A} -workers 0`, '--workers: found "0", expected auto or a whole number from 1 to 256'],
  [`-backends ${A} -workers x`, '--workers: found "x", expected auto or a whole number from 1 to 256'],
  [
    "-backends http://localhost:8080",
    "--backends: found http://localhost:8080, which is where lb itself listens, expected another address or port",
  ],
  [
    "-backends http://[::1]:9000 -port 9000",
    "--backends: found http://[::1]:9000, which is where lb itself listens, expected another address or port",
  ],
  [
    `-backends ${A} -host 203.0.113.1 -port 0`,
    '--host: found "203.0.113.1", expected an address of this machine',
  ],
  ["", 'LB_PORT: found "x", expected a whole number from 0 to 65535', { LB_BACKENDS: A, LB_PORT: "x" }],
  [
    `-backends ${A}`,
    'LB_HEALTH_PATH: found "h", expected a path that begins with /, such as /health',
    { LB_HEALTH_PATH: "h" },
  ],
  [
    "",
    'LB_BACKENDS: found "x", expected a URL such as http://localhost:8081; did you mean http://x?',
    { LB_BACKENDS: "x" },
  ],
  ["test-server --port 65535 --count 2", "--count: found 2, expected at most 1 from port 65535 up"],
  [
    "test-server --fail-after -1",
    '--fail-after: found "-1", expected a whole number from 0 to 9007199254740991',
  ],
  ["status --url nowhere", '--url: found "nowhere", expected a URL such as http://localhost:8080/lb-status'],
  ["status --url http://localhost:1/", "--url: cannot connect to http://localhost:1/, expected a running lb"],
];

for (const [exitCode, kind, mistakes] of [
  [2, "a command line that cannot be understood", USAGE],
  [1, "a value that makes no sense", VALUES],
] as const) {
  describe(`${kind} ends with ${exitCode} and one sentence:`, () => {
    for (const [words, sentence, variables] of mistakes) {
      test.concurrent(`lb ${words} ${variables === undefined ? "" : JSON.stringify(variables)}`, async () => {
        const result = await run(words === "" ? [] : words.split(" "), variables);
        expect(result).toEqual({ exitCode, stdout: "", stderr: `lb: ${sentence}\n` });
      });
    }
  });
}

test("a port that is taken ends with 1 and one sentence, and leaves nothing running", async () => {
  await using server = new Program(["test-server", "--port", "0"]);
  const { port } = new URL(await listeningUrl(server));
  const sentence = (place: string) => `lb: ${place}: port ${port} is in use already, expected a free one\n`;
  const [byFlag, byVariable, byServer] = await Promise.all([
    run(["--backends", A, "--port", port]),
    run(["--backends", A], { LB_PORT: port }),
    run(["test-server", "--port", port]),
  ]);
  expect(byFlag).toEqual({ exitCode: 1, stdout: "", stderr: sentence("--port") });
  expect(byVariable).toEqual({ exitCode: 1, stdout: "", stderr: sentence("LB_PORT") });
  expect(byServer).toEqual({ exitCode: 1, stdout: "", stderr: sentence("--port") });
});
