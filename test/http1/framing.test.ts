import { describe, expect, test } from "bun:test";
import {
  announcesBody,
  CHUNKED,
  contentLength,
  persistence,
  responseBodyLength,
  UNTIL_CLOSE,
} from "../../src/http1/framing.ts";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";
import { NO_BODY, requestHead } from "../../src/http1/request-writer.ts";
import { bytes } from "./pieces.ts";

function headOf(...fields: string[]): HeadParser {
  const head = new HeadParser(DEFAULT_LIMITS);
  head.push(bytes(`${fields.map((field) => `${field}\r\n`).join("")}\r\n`), 0);
  return head;
}

describe("a 204 speaks of a body", () => {
  const cases: [fields: string[], expected: boolean][] = [
    [[], false],
    [["Date: x", "Content-Length: 0"], false],
    [["Date: x", "Content-Length: 5"], true],
    [["Transfer-Encoding: chunked"], true],
  ];
  test.each(cases)("%p: %p", (fields, expected) => {
    expect(announcesBody(headOf(...fields))).toBe(expected);
  });
});

describe("how long a response's body is", () => {
  const cases: [fields: string[], status: number, method: string, expected: number | string][] = [
    [["Content-Length: 5"], 200, "GET", 5],
    [["content-LENGTH: 0005"], 200, "GET", 5],
    [["Transfer-Encoding: chunked"], 200, "GET", CHUNKED],
    [["transfer-encoding: Chunked"], 200, "GET", CHUNKED],
    [[], 200, "GET", UNTIL_CLOSE],
    [["Content-Length: 5"], 200, "HEAD", 0],
    [["Transfer-Encoding: chunked"], 200, "HEAD", 0],
    [["Content-Length: 5"], 304, "GET", 0],
    [["Content-Length: 5"], 204, "GET", 0],
    [[], 103, "GET", 0],
    [["Content-Length: 5"], 200, "CONNECTS", 5],
    [["Content-Length: 5", "Content-Length: 5"], 200, "GET", "Content-Length is there twice"],
    [["Content-Length: 5", "Content-Length: 6"], 200, "HEAD", "Content-Length is there twice"],
    [["Content-Length: 5, 5"], 200, "GET", "the Content-Length is not one number"],
    [["Content-Length: +5"], 200, "GET", "the Content-Length is not one number"],
    [["Content-Length: -5"], 200, "GET", "the Content-Length is not one number"],
    [["Content-Length: 5.0"], 200, "GET", "the Content-Length is not one number"],
    [["Content-Length: 0x5"], 200, "GET", "the Content-Length is not one number"],
    [["Content-Length:"], 200, "GET", "the Content-Length is not one number"],
    [["Content-Length: 9007199254740991"], 200, "GET", Number.MAX_SAFE_INTEGER],
    [["Content-Length: 9007199254740993"], 200, "GET", "the Content-Length is too large"],
    [
      ["Content-Length: 5", "Transfer-Encoding: chunked"],
      200,
      "GET",
      "Content-Length stands beside Transfer-Encoding",
    ],
    [
      ["Transfer-Encoding: chunked", "Content-Length: 5"],
      304,
      "GET",
      "Content-Length stands beside Transfer-Encoding",
    ],
    [["Transfer-Encoding: gzip, chunked"], 200, "GET", "a transfer coding is unknown"],
    [["Transfer-Encoding: gzip,chunked"], 200, "GET", "a transfer coding is unknown"],
    [["Transfer-Encoding:"], 200, "GET", "the transfer coding is not chunked"],
    [["Transfer-Encoding: identity"], 200, "GET", "the transfer coding is not chunked"],
    [["Transfer-Encoding: chunked, gzip"], 200, "GET", "the transfer coding is not chunked"],
    [["Transfer-Encoding: chunked;a=b"], 200, "GET", "the transfer coding is not chunked"],
    [["Transfer-Encoding: chunked, chunked"], 200, "GET", "a transfer coding is unknown"],
    [
      ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
      200,
      "GET",
      "Transfer-Encoding is there twice",
    ],
    [["Content-Length:   5  "], 200, "GET", 5],
    [["Content-Length:\t5"], 200, "GET", "a tab stands beside the body's length"],
    [["Content-Length: 5 \t"], 200, "GET", "a tab stands beside the body's length"],
    [["Transfer-Encoding: \tchunked"], 200, "GET", "a tab stands beside the body's length"],
    [["Transfer-Encoding: chunked\t"], 200, "GET", "a tab stands beside the body's length"],
    [["Transfer-Encoding: xchunked"], 200, "GET", "the transfer coding is not chunked"],
  ];
  for (const [fields, status, method, expected] of cases) {
    test(`${method} ${status} ${JSON.stringify(fields)}: ${expected}`, () => {
      const length = () => responseBodyLength(headOf(...fields), status, 1, method);
      if (typeof expected === "string") expect(length).toThrow(expected);
      else expect(length()).toBe(expected);
    });
  }

  test("HTTP/1.0 has no transfer codings", () => {
    expect(() => responseBodyLength(headOf("Transfer-Encoding: chunked"), 200, 0, "GET")).toThrow("HTTP/1.0");
  });
});

test("a length with anything but digits is none", () => {
  for (const text of ["", " 5", "5 ", "٥", "1e3", "5\t"]) expect(() => contentLength(text)).toThrow();
});

describe("whether the connection is kept", () => {
  const cases: [fields: string[], minorVersion: number, isKept: boolean, timeoutMs: number][] = [
    [[], 1, true, -1],
    [[], 0, false, -1],
    [["Connection: close"], 1, false, -1],
    [["Connection: Close"], 1, false, -1],
    [["Connection: keep-alive, close"], 1, false, -1],
    [["Connection: x-close"], 1, true, -1],
    [["Connection: keep-alive"], 0, true, -1],
    [["Connection: Keep-Alive", "Keep-Alive: timeout=5, max=100"], 1, true, 5_000],
    [["Keep-Alive: max=100, timeout=60"], 1, true, 60_000],
    [["Keep-Alive: timeout=x"], 1, true, -1],
    [["Keep-Alive: xtimeout=5"], 1, true, -1],
    [["Connection: a", "Connection: close"], 1, false, -1],
  ];
  for (const [fields, minorVersion, isKept, timeoutMs] of cases) {
    test(`HTTP/1.${minorVersion} ${JSON.stringify(fields)}`, () => {
      expect(persistence(headOf(...fields), minorVersion)).toEqual({ isKept, timeoutMs });
    });
  }
});

describe("a request's head", () => {
  const write = (headers: HeadersInit, body: number, method = "GET", target = "/a?b=") =>
    requestHead(method, target, { eachField: (visit) => new Headers(headers).forEach(visit) }, body).toString(
      "latin1",
    );

  test("has Host first, the other fields as they are, and nothing else", () => {
    expect(write({ accept: "*/*", host: "h:1", "x-a": "\xe9" }, NO_BODY)).toBe(
      "GET /a?b= HTTP/1.1\r\nhost: h:1\r\naccept: */*\r\nx-a: \xe9\r\n\r\n",
    );
  });

  test("frames the body by the length that is there, or by a field of its own", () => {
    expect(write({ "content-length": "3" }, 3, "POST")).toBe(
      "POST /a?b= HTTP/1.1\r\ncontent-length: 3\r\n\r\n",
    );
    expect(write({}, 3, "POST")).toBe("POST /a?b= HTTP/1.1\r\ncontent-length: 3\r\n\r\n");
    expect(write({}, CHUNKED, "POST")).toBe("POST /a?b= HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n");
    expect(write({ "transfer-encoding": "gzip" }, NO_BODY)).toBe("GET /a?b= HTTP/1.1\r\n\r\n");
  });

  test("is not written if it would be read as another", () => {
    for (const target of ["", "/a b", "/a\r\nX: y", "/a\0", "/\u0100", "/\x7f"]) {
      expect(() => write({}, NO_BODY, "GET", target)).toThrow("target");
    }
    for (const method of ["", "G T", "GET\r\n", "GÉT"]) {
      expect(() => write({}, NO_BODY, method)).toThrow("method");
    }
  });
});
