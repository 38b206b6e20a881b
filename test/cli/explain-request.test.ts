/** The request that `lb explain` is given. */
import { describe, expect, test } from "bun:test";
import { UsageError } from "../../src/cli/args.ts";
import { EXPLAIN_FLAGS } from "../../src/cli/explain/explain-flags.ts";
import { describedRequest, readFieldLines, readRequestLine } from "../../src/cli/explain/request-line.ts";
import { Given } from "../../src/cli/given.ts";
import { ConfigError } from "../../src/config/problem.ts";

test.each([
  ["GET /", { method: "GET", target: "/" }],
  ["  POST   /a?b=c  HTTP/1.1 ", { method: "POST", target: "/a?b=c" }],
  ["PURGE http://a.example/b HTTP/2", { method: "PURGE", target: "http://a.example/b" }],
])("%j is a request line", (line, expected) => {
  expect(readRequestLine(line)).toEqual(expected);
});

test.each([
  ["", "request: found nothing, expected a method and a target such as 'GET /users?page=2'"],
  ["/users", "request: found \"/users\", expected a method and a target such as 'GET /users?page=2'"],
  ["GET users", 'request: found "users", expected a path such as /users?page=2, or a URL'],
  ["GET: /", 'request: found "GET:", expected a method such as GET'],
  ["GET / HTTP/x", 'request: found "HTTP/x" after the target, expected nothing, or HTTP/1.1'],
  ["GET /a b c", 'request: found "b c" after the target, expected nothing, or HTTP/1.1'],
])("%j is none", (line, message) => {
  expect(() => readRequestLine(line)).toThrow(new ConfigError(message));
});

describe("fields", () => {
  test("are read by line, those of one name joined", () => {
    expect(
      readFieldLines(["Host: a.example:80", "X-A:1", "x-a:  2 ", "Cookie: a=1", "cookie: b=2", "Empty:"]),
    ).toEqual({ host: "a.example:80", "x-a": "1, 2", cookie: "a=1; b=2", empty: "" });
  });

  test("by whatever name become fields, and nothing else", () => {
    const fields = readFieldLines(["__proto__: a", "constructor: b"]);
    expect(Object.entries(fields)).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  test.each([
    ["Host", "--header: found \"Host\", expected 'NAME: VALUE'"],
    [": a", "--header: found the name nothing, expected one such as Host"],
    ["a b: c", '--header: found the name "a b", expected one such as Host'],
    ["a: b\nc: d", '--header: found "b\\nc: d" as a, expected a value in one line of Latin letters'],
    ["a: →", '--header: found "→" as a, expected a value in one line of Latin letters'],
  ])("%j is none", (line, message) => {
    expect(() => readFieldLines([line])).toThrow(new ConfigError(message));
  });
});

test("all of it is given by flags", () => {
  const given = (values: Record<string, string[]>) =>
    new Given(EXPLAIN_FLAGS, new Map(Object.entries(values)), {});
  expect(
    describedRequest(given({ request: ["GET /"], header: ["Accept: a, b", "X: 1"], client: ["::1"] })),
  ).toEqual({ method: "GET", target: "/", headers: { accept: "a, b", x: "1" }, client: "::1" });
  expect(describedRequest(given({ request: ["GET /"] }))).toEqual({
    method: "GET",
    target: "/",
    headers: {},
    client: "",
  });
  expect(() => describedRequest(given({}))).toThrow(
    new UsageError("request: found none, expected one such as 'GET /users?page=2'"),
  );
  expect(() => describedRequest(given({ request: ["GET /"], client: ["10.0.0.0/8"] }))).toThrow(
    new ConfigError('--client: found "10.0.0.0/8", expected an IP address such as 10.0.0.1'),
  );
});
