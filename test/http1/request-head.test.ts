import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { HOP_BY_HOP } from "../../src/http1/hop-by-hop.ts";
import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";
import { MalformedKind } from "../../src/http1/malformed.ts";
import { NO_FIELD, RequestHead } from "../../src/http1/request-head.ts";
import { RequestLine } from "../../src/http1/start-line.ts";
import { likelyRequest } from "./likely-request.ts";
import { bytes, cut, nearlyHttp, places } from "./pieces.ts";
import { readRequest } from "./read-request.ts";

const read = (...lines: string[]) => readRequest([bytes([...lines, "", ""].join("\r\n"))]);
const refusal = (verdict: string, kind: MalformedKind = MalformedKind.syntax) => ({ verdict, kind });

describe("a request's target", () => {
  const taken: [line: string, form: string, target: string, authority: string][] = [
    ["GET / HTTP/1.1", "origin", "/", "a"],
    ["GET //x/../y?? HTTP/1.1", "origin", "//x/../y??", "a"],
    ["GET /\xe9 HTTP/1.1", "origin", "/\xe9", "a"],
    ["GET /http://b/ HTTP/1.1", "origin", "/http://b/", "a"],
    ["OPTIONS * HTTP/1.1", "asterisk", "*", "a"],
    ["OPTIONS /* HTTP/1.1", "origin", "/*", "a"],
    ["GET http://a/x?y HTTP/1.1", "absolute", "/x?y", "a"],
    ["GET HTTP://A:80/x HTTP/1.1", "absolute", "/x", "A:80"],
    ["GET http://a: HTTP/1.1", "absolute", "/", "a:"],
    ["GET http://a HTTP/1.1", "absolute", "/", "a"],
    ["GET http://a?x HTTP/1.1", "absolute", "/?x", "a"],
    ["GET http://a/x@y HTTP/1.1", "absolute", "/x@y", "a"],
    ["OPTIONS http://a HTTP/1.1", "absolute", "*", "a"],
    ["OPTIONS http://a/ HTTP/1.1", "absolute", "/", "a"],
    ["OPTIONS http://a?x HTTP/1.1", "absolute", "/?x", "a"],
    ["CONNECT b:443 HTTP/1.1", "authority", "", "b:443"],
    ["CONNECT [::1]:443 HTTP/1.1", "authority", "", "[::1]:443"],
  ];
  for (const [line, form, target, authority] of taken) {
    test(`${JSON.stringify(line)} is in ${form}-form`, () => {
      expect(read(line, "Host: a")).toMatchObject({ form, target, authority });
    });
  }

  const NEITHER = "the target is neither a path nor a URL of http";
  const NO_HOST = "the target's URL has no host, or more than a host and a port";
  const NO_PORT = "the target of CONNECT is not a host and a port";
  const refused: [line: string, reason: string][] = [
    ["GET x HTTP/1.1", NEITHER],
    ["GET a:80 HTTP/1.1", NEITHER],
    ["GET ** HTTP/1.1", NEITHER],
    ["GET ?x HTTP/1.1", NEITHER],
    ["GET \\x HTTP/1.1", NEITHER],
    ["GET https://a/ HTTP/1.1", NEITHER],
    ["GET ftp://a/ HTTP/1.1", NEITHER],
    ["GET http:/a HTTP/1.1", NEITHER],
    ["GET http: HTTP/1.1", NEITHER],
    ["GET * HTTP/1.1", "the target is an asterisk"],
    ["GET http:// HTTP/1.1", NO_HOST],
    ["GET http:///x HTTP/1.1", NO_HOST],
    ["GET http://:80/x HTTP/1.1", NO_HOST],
    ["GET http://u@a/x HTTP/1.1", NO_HOST],
    ["GET http://u:p@a/x HTTP/1.1", NO_HOST],
    ["GET http://a\\x HTTP/1.1", NO_HOST],
    ["GET http://a,b/x HTTP/1.1", NO_HOST],
    ["GET http://b/ HTTP/1.1", "the Host is not the target's"],
    ["GET http://a:8080/ HTTP/1.1", "the Host is not the target's"],
    ["GET http://a:8/ HTTP/1.1", "the Host is not the target's"],
    ["GET http://ab/ HTTP/1.1", "the Host is not the target's"],
    ["CONNECT a HTTP/1.1", NO_PORT],
    ["CONNECT a: HTTP/1.1", NO_PORT],
    ["CONNECT :443 HTTP/1.1", NO_PORT],
    ["CONNECT [::1] HTTP/1.1", NO_PORT],
    ["CONNECT /x:1 HTTP/1.1", NO_PORT],
    ["CONNECT http://a:1/ HTTP/1.1", NO_PORT],
    ["CONNECT * HTTP/1.1", NO_PORT],
    ["GET /x#y HTTP/1.1", "the target has a fragment"],
    ["GET http://a/#y HTTP/1.1", "the target has a fragment"],
    ["GET http://a#y HTTP/1.1", "the target has a fragment"],
  ];
  for (const [line, reason] of refused) {
    test(`${JSON.stringify(line)} is refused: ${reason}`, () => {
      expect(read(line, "Host: a")).toEqual(refusal(reason));
    });
  }
});

describe("a request's Host", () => {
  const GET = "GET / HTTP/1.1";
  test("is there once, and only HTTP/1.0 may leave it out", () => {
    expect(read(GET)).toEqual(refusal("the request has no Host"));
    expect(read("GET / HTTP/1.2")).toEqual(refusal("the request has no Host"));
    expect(read("GET / HTTP/1.0")).toMatchObject({ authority: "", found: {} });
    expect(read("GET http://b/ HTTP/1.0")).toMatchObject({ authority: "b", found: {} });
    expect(read("GET / HTTP/1.0", "Host: a")).toMatchObject({ authority: "a" });
    expect(read("GET / HTTP/1.0", "Host: a", "host: a")).toEqual(refusal("Host is there twice"));
    expect(read(GET, "Host: a", "HOST: b")).toEqual(refusal("Host is there twice"));
  });

  test("may leave out the default port where the target says it, and the other way round", () => {
    for (const [inTarget, inHost] of [
      ["a:80", "a"],
      ["a", "a:80"],
      ["a:", "A:80"],
      ["[::80]", "[::80]:80"],
      ["a:8080", "a:8080"],
    ]) {
      expect(read(`GET http://${inTarget}/ HTTP/1.1`, `Host: ${inHost}`)).toMatchObject({
        authority: inTarget,
        found: { host: inHost },
      });
    }
  });

  test.each(["a", "a:80", "A.b-c_d", "[::1]:8080", "127.0.0.1", "\xe9"])("may be %p", (host) => {
    expect(read(GET, `Host: ${host}`)).toMatchObject({ authority: host });
  });

  test.each(["", " ", ":80", "a b", "a\tb", "a,b", "a/b", "a\\b", "a?b", "a#b", "u@a", "http://a", "a\xa0"])(
    "is never %p",
    (host) => {
      expect(read(GET, `Host: ${host}`)).toEqual(refusal("the Host is not a name or address"));
    },
  );

  test.each(["a:b", "a:80b", "a:-1", "a:80:80", "::1", "[::1", "[::1]a", "[::1]a:80", "[::1]80"])(
    "says its host in one way, or it might pass by a route: never %p",
    (host) => {
      expect(read(GET, `Host: ${host}`)).toEqual(refusal("the Host is not a name or address"));
      expect(read(`GET http://${host}/ HTTP/1.1`, "Host: a")).toEqual(
        refusal("the target's URL has no host, or more than a host and a port"),
      );
    },
  );
});

describe("a request's body", () => {
  const body = (fields: string[], minorVersion = 1) =>
    read(`POST / HTTP/1.${minorVersion}`, "Host: a", ...fields);

  test("has the length that is said, and none if nothing is", () => {
    expect(body([])).toMatchObject({ body: 0 });
    expect(body(["Content-Length: 7"])).toMatchObject({ body: 7 });
    expect(body(["Content-length: 9007199254740991"])).toMatchObject({ body: Number.MAX_SAFE_INTEGER });
    expect(body(["Transfer-Encoding: chunked"])).toMatchObject({ body: "chunked" });
    expect(body(["transfer-encoding: CHUNKED"])).toMatchObject({ body: "chunked" });
  });

  const cases: [fields: string[], minorVersion: number, kind: MalformedKind][] = [
    [["Content-Length: 5", "Content-Length: 5"], 1, MalformedKind.syntax],
    [["Content-Length: 5", "Transfer-Encoding: chunked"], 1, MalformedKind.syntax],
    [["Transfer-Encoding: chunked", "Content-Length: 5"], 1, MalformedKind.syntax],
    [["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], 1, MalformedKind.syntax],
    [["Transfer-Encoding: chunked"], 0, MalformedKind.syntax],
    [["Content-Length: 5x"], 1, MalformedKind.syntax],
    [["Content-Length: -1"], 1, MalformedKind.syntax],
    [["Content-Length:"], 1, MalformedKind.syntax],
    [[`Content-Length: ${"9".repeat(400)}x`], 1, MalformedKind.syntax],
    [[`Content-Length: ${"9".repeat(400)}`], 1, MalformedKind.bodyTooLarge],
    [["Content-Length: 9007199254740992"], 1, MalformedKind.bodyTooLarge],
    [["Transfer-Encoding: gzip"], 1, MalformedKind.syntax],
    [["Transfer-Encoding: gzip, chunked"], 1, MalformedKind.transferCoding],
  ];
  for (const [fields, minorVersion, kind] of cases) {
    test(`HTTP/1.${minorVersion} ${JSON.stringify(fields).slice(0, 60)}: ${kind}`, () => {
      expect(body(fields, minorVersion)).toMatchObject({ kind });
    });
  }
});

describe("a request's connection", () => {
  const connection = (fields: string[], minorVersion = 1) =>
    read(`GET / HTTP/1.${minorVersion}`, "Host: a", ...fields);

  test("is kept as the version and Connection say", () => {
    expect(connection([])).toMatchObject({ isKept: true, takesFields: false, isUpgrade: false });
    expect(connection(["Connection: Close"])).toMatchObject({ isKept: false, takesFields: false });
    expect(connection(["Connection: ,a ,\tclose"])).toMatchObject({ isKept: false, takesFields: true });
    expect(connection(["Connection: a", "Connection: close"])).toMatchObject({
      isKept: false,
      found: { connection: "a" },
    });
    expect(connection(["Connection: closed"])).toMatchObject({ isKept: true });
    expect(connection([], 0)).toMatchObject({ isKept: false });
    expect(connection(["Connection: keep-alive"], 0)).toMatchObject({ isKept: true });
    expect(connection(["Connection: keep-alive, close"], 0)).toMatchObject({ isKept: false });
  });

  test("takes no fields away by naming those that end here anyway, or that must pass", () => {
    const names = [...HOP_BY_HOP, "close", "", "Host", "Content-Length", "authorization"];
    expect(connection([`Connection: ${names.join(" , ")}`])).toMatchObject({ takesFields: false });
    for (const name of ["x-a", "cookie", "keep_alive"]) {
      expect(connection([`Connection: ${[...names, name].join(",")}`])).toMatchObject({ takesFields: true });
    }
  });

  test("is asked to be upgraded, but not by HTTP/1.0", () => {
    const fields = ["Connection: keep-alive, Upgrade", "Upgrade: websocket", "Upgrade: h2c"];
    expect(connection(fields)).toMatchObject({ isUpgrade: true, found: { upgrade: "websocket" } });
    expect(connection(fields, 0)).toMatchObject({ found: { host: "a", connection: "keep-alive, Upgrade" } });
  });
});

test("other fields that a server looks at are found", () => {
  const fields = ["Host: a", "TE: trailers", "te: x", "Trailer: Digest", "Expect: 100-Continue"];
  const found = { host: "a", te: "trailers", trailer: "Digest", expect: "100-Continue" };
  expect(read("GET / HTTP/1.1", ...fields)).toMatchObject({ found });
  expect(read("GET / HTTP/1.0", "Expect: 100-continue")).toMatchObject({ found: {} });
  expect(read("GET / HTTP/1.1", "Host: a", "Expect: 200-ok")).toMatchObject({ found: { host: "a" } });
});

test.each(["GET", "get", "GETS", "PATCH", "PROPFIND", "!#$%&'*+-.^_`|~"])(
  "a method is as it was written: %s",
  (method) => {
    expect(read(`${method} / HTTP/1.1`, "Host: a")).toMatchObject({ method });
  },
);

describe("however it is cut", () => {
  for (const [what, arbitrary] of [
    ["a request", likelyRequest],
    ["noise", nearlyHttp],
  ] as const) {
    test(`${what} is understood in the same way`, () => {
      fc.assert(
        fc.property(arbitrary, places, fc.nat(3), (whole, at, from) => {
          expect(readRequest(cut(whole, at), from)).toEqual(readRequest([whole]));
        }),
        { numRuns: 1_000 },
      );
    });
  }
});

test("nothing of one request is left in the next", () => {
  const line = new RequestLine();
  const parser = new HeadParser(DEFAULT_LIMITS, line);
  const request = new RequestHead();
  const one = bytes(
    "OPTIONS http://a HTTP/1.1\r\nHost: a\r\nConnection: close, upgrade, x\r\nUpgrade: b\r\nTE: c\r\n" +
      "Trailer: d\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  const other = bytes("GET /x HTTP/1.0\r\n\r\n");
  for (const head of [one, other]) {
    parser.reset();
    parser.push(head, 0);
    request.read(parser, line);
  }
  const fresh = new RequestHead();
  fresh.read(parser, line);
  expect(request).toEqual(fresh);
  expect([request.host, request.te, request.connection, request.bodyLength]).toEqual([
    NO_FIELD,
    NO_FIELD,
    NO_FIELD,
    0,
  ]);
});
