/** Requests in words, and what is made of them. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { clientOfDescribed, readDescribed, requestOf } from "../../src/admin/described-request.ts";
import { ConfigError } from "../../src/config/problem.ts";

const FULL = { method: "POST", target: "/a?b=c", headers: { Host: "x.example" }, client: "10.0.0.1" };

test("what is left out has its default", () => {
  expect(readDescribed({ target: "/" })).toEqual({ method: "GET", target: "/", headers: {}, client: "" });
  expect(readDescribed(FULL)).toEqual(FULL);
});

test.each<[unknown, string]>([
  [undefined, "request: found nothing, expected an object with a target"],
  [[], "request: found a list, expected an object with a target"],
  ["GET /", 'request: found "GET /", expected an object with a target'],
  [{}, "target: found nothing, expected a path such as /users?page=2, or a URL"],
  [{ target: "users" }, 'target: found "users", expected a path such as /users?page=2, or a URL'],
  [{ target: "*" }, 'target: found "*", expected a path such as /users?page=2, or a URL'],
  [{ target: "ftp://a/" }, 'target: found "ftp://a/", expected a path such as /users?page=2, or a URL'],
  [{ target: "http://" }, 'target: found "http://", expected a path such as /users?page=2, or a URL'],
  [{ target: 7 }, "target: found 7, expected a path such as /users?page=2, or a URL"],
  [{ target: "/ü" }, 'target: found "/ü", expected it percent-encoded, as in a request'],
  [{ target: "/a b" }, 'target: found "/a b", expected it percent-encoded, as in a request'],
  [{ target: "/a#b" }, 'target: found "/a#b", expected it without #, which is never sent'],
  [{ target: "/", method: "" }, "method: found nothing, expected a method such as GET"],
  [{ target: "/", method: "GET /" }, 'method: found "GET /", expected a method such as GET'],
  [{ target: "/", headers: ["a"] }, "headers: found a list, expected values by their names"],
  [{ target: "/", headers: { "a b": "" } }, 'headers: found the name "a b", expected one such as Host'],
  [
    { target: "/", headers: { a: ["b"] } },
    "headers: found a list as a, expected a value in one line of Latin letters",
  ],
  [
    { target: "/", headers: { a: "b\r\nc: d" } },
    'headers: found "b\\r\\nc: d" as a, expected a value in one line of Latin letters',
  ],
  [{ target: "/", client: "a" }, 'client: found "a", expected an IP address such as 10.0.0.1'],
  [{ target: "/", client: null }, "client: found null, expected an IP address such as 10.0.0.1"],
  [{ target: "/", mehtod: "GET" }, 'request: found the unknown key "mehtod"; did you mean method?'],
  [
    { target: "/", xyzzy: 1 },
    'request: found the unknown key "xyzzy", expected method, target, headers or client',
  ],
])("%j is refused", (given, message) => {
  expect(() => readDescribed(given)).toThrow(new ConfigError(message));
});

test("all mistakes are told at once", () => {
  let problems: readonly { readonly path: readonly (string | number)[] }[] = [];
  try {
    readDescribed({ method: 1, target: "x", headers: { a: 1, b: 2 }, client: "?" });
  } catch (error) {
    problems = (error as ConfigError).problems;
  }
  expect(problems.map(({ path }) => path.join("."))).toEqual([
    "method",
    "target",
    "headers.a",
    "headers.b",
    "client",
  ]);
});

describe("the request", () => {
  const made = (described: object) => requestOf(readDescribed(described));

  test("is as if it had come so, byte for byte", () => {
    const request = made({
      method: "TRACE",
      target: "/a/../b/%7e?",
      headers: { HOST: "X.example:8080", cookie: "a=1; b=2", "content-length": "5" },
    });
    expect([request.method, request.url]).toEqual(["TRACE", "http://X.example:8080/a/../b/%7e?"]);
    expect(Object.fromEntries(request.headers)).toEqual({
      host: "X.example:8080",
      cookie: "a=1; b=2",
      "content-length": "5",
    });
    expect(request.body).toBeNull();
    expect(made({ method: "get", target: "/" }).method).toBe("get");
  });

  test("is for localhost unless it says another host; a whole URL says more than Host", () => {
    const hostOf = ({ url, headers }: Request) => [url, headers.get("host")];
    expect(hostOf(made({ target: "/" }))).toEqual(["http://localhost/", "localhost"]);
    expect(hostOf(made({ target: "https://a.example:8443/b", headers: { host: "c" } }))).toEqual([
      "https://a.example:8443/b",
      "a.example:8443",
    ]);
  });

  test("is made of whatever is taken, and never throws", () => {
    fc.assert(
      fc.property(
        fc.record({
          method: fc.string(),
          target: fc.oneof(
            fc.string(),
            fc.webUrl(),
            fc.string().map((text) => `/${text}`),
          ),
          headers: fc.dictionary(fc.string(), fc.string({ unit: "binary" })),
          client: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()),
        }),
        (given) => {
          let described: ReturnType<typeof readDescribed>;
          try {
            described = readDescribed(given);
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigError);
            return;
          }
          expect(requestOf(described).method).toBe(given.method);
          clientOfDescribed(described);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test("its client is known only if it is named, and speaks TLS if the target says so", () => {
  expect(clientOfDescribed(readDescribed({ target: "/" }))).toBeUndefined();
  expect(clientOfDescribed(readDescribed({ target: "/", client: "fe80::1%eth0" }))).toEqual({
    address: "fe80::1%eth0",
    port: 0,
    tls: false,
    protocol: "1.1",
  });
  expect(clientOfDescribed(readDescribed({ target: "https://a/", client: "::1" }))?.tls).toBe(true);
});
