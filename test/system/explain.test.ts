/** `lb explain` as a user runs it. */
import { describe, expect, test } from "bun:test";
import { run } from "./program.ts";

const BACKENDS = ["--backends", "http://a:81;weight=2,http://b:81,http://c:81;drain,http://d:81;tier=1"];

describe("a request to backends that were never checked", () => {
  test("is explained in words", async () => {
    const { exitCode, stdout, stderr } = await run([
      "explain",
      ...BACKENDS,
      "GET /users",
      "-H",
      "Host: x.example",
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout.split("\n").slice(0, 5)).toEqual([
      "GET /users for x.example from an unknown client",
      "goes to http://a:81 in pool default",
      "",
      "Routes, in the order in which they are asked",
      "→ *  matched",
    ]);
    expect(stdout).toContain("draining: it finishes the 0 under way");
    expect(stdout).toContain("tier 1 gets nothing while tier 0 can take everything");
    expect(stdout).not.toContain("\x1b");
  });

  test("is explained as the guide shows it", async () => {
    const { stdout } = await run([
      ...["explain", ...BACKENDS, "--algorithm", "ip-hash", "GET /users?page=2"],
      ...["-H", "Host: api.example.com", "--client", "10.0.0.7"],
    ]);
    expect(await Bun.file(`${import.meta.dir}/../../docs/GUIDE.md`).text()).toContain(stdout);
  });

  test("is explained as JSON, by the client's address", async () => {
    const { exitCode, stdout } = await run([
      ...["explain", "--json", "--algorithm", "ip-hash", "--trusted-proxies", "10.0.0.0/8"],
      ...[
        ...BACKENDS,
        "--client",
        "10.0.0.1",
        "--header",
        "X-Forwarded-For: 192.0.2.9",
        "POST /x?y HTTP/1.1",
      ],
    ]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      request: { method: "POST", host: "localhost", path: "/x", query: "y", client: "192.0.2.9" },
      route: "*",
      pools: [{ algorithm: "ip-hash", key: { source: "ip", value: "192.0.2.9" }, decision: "backend" }],
    });
  });

  test("that asks for the status is answered by the balancer itself", async () => {
    const { stdout } = await run(["explain", ...BACKENDS, "GET /lb-status"]);
    expect(stdout).toBe(
      "GET /lb-status for localhost from an unknown client\nis answered with the balancer's own status\n",
    );
  });
});

test.each([
  [["GET /"], 2, "--backends: found none, expected at least one URL such as http://localhost:8081"],
  [BACKENDS, 2, "request: found none, expected one such as 'GET /users?page=2'"],
  [
    [...BACKENDS, "GET /", "GET /a"],
    2,
    `lb explain: found "GET /a" after "GET /", expected one 'METHOD TARGET'`,
  ],
  [
    [...BACKENDS, "GET"],
    1,
    `request: found "GET", expected a method and a target such as 'GET /users?page=2'`,
  ],
  [[...BACKENDS, "GET /", "-H", "x"], 1, `--header: found "x", expected 'NAME: VALUE'`],
  [
    [...BACKENDS, "GET /", "--client", "x"],
    1,
    '--client: found "x", expected an IP address such as 10.0.0.1',
  ],
  [["--backends", "ftp://a", "GET /"], 1, '--backends: found "ftp://a"'],
])("explain %j is a mistake", async (words, code, message) => {
  const { exitCode, stdout, stderr } = await run(["explain", ...words]);
  expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: "" });
  expect(stderr).toStartWith(`lb: ${message}`);
});
