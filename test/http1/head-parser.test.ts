import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";
import { StatusLine } from "../../src/http1/start-line.ts";
import { bytes, cut, nearlyHttp, places } from "./pieces.ts";
import { read } from "./read-head.ts";

const OK = "HTTP/1.1 200 OK\r\n";

describe("a response's head", () => {
  test("is read with its fields in order, repeated ones apart, and white space around values gone", () => {
    const text = `${OK}Server: a\r\nSet-Cookie: x=1\r\nset-cookie:\ty=2 \t\r\nEmpty:\r\nL: \xe9 b\r\n\r\nbody`;
    expect(read("response", [bytes(text)])).toEqual({
      length: text.length - 4,
      status: 200,
      minorVersion: 1,
      reason: "OK",
      fields: [
        ["Server", "a"],
        ["Set-Cookie", "x=1"],
        ["set-cookie", "y=2"],
        ["Empty", ""],
        ["L", "\xe9 b"],
      ],
      lines: [
        "Server: a\r\n",
        "Set-Cookie: x=1\r\n",
        "set-cookie:\ty=2 \t\r\n",
        "Empty:\r\n",
        "L: \xe9 b\r\n",
      ],
    });
  });

  const lines: [line: string, expected: object | string][] = [
    ["HTTP/1.0 404 Not Found", { status: 404, minorVersion: 0, reason: "Not Found" }],
    ["HTTP/1.1 200 ", { status: 200, reason: "" }],
    ["HTTP/1.1 200", { status: 200, reason: "" }],
    ["HTTP/1.1 599 \xfcber", { status: 599, reason: "\xfcber" }],
    ["HTTP/1.1 600 No", "the status is not three digits from 100 to 599"],
    ["HTTP/1.1 099 No", "the status is not three digits from 100 to 599"],
    ["HTTP/1.1 2x0 No", "the status is not three digits from 100 to 599"],
    ["HTTP/1.1 20", "the status line has no space after the version or the status"],
    ["HTTP/1.1 2000 OK", "the status line has no space after the version or the status"],
    ["HTTP/1.1  200 OK", "the status is not three digits from 100 to 599"],
    ["HTTP/1.1\t200 OK", "the status line has no space after the version or the status"],
    ["HTTP/2 200 OK", "the line does not begin with HTTP/1"],
    ["HTTP/1.x 200 OK", "the line does not begin with HTTP/1"],
    ["http/1.1 200 OK", "the line does not begin with HTTP/1"],
    ["ICY 200 OK", "the line does not begin with HTTP/1"],
    ["", "the line does not begin with HTTP/1"],
  ];
  for (const [line, expected] of lines) {
    test(`that begins with "${line}"`, () => {
      const result = read("response", [bytes(`${line}\r\n\r\n`)]);
      if (typeof expected === "string") expect(result.verdict).toBe(expected);
      else expect(result).toMatchObject(expected);
    });
  }

  const fields: [field: string, reason: string][] = [
    ["Name : value", "a field's name is followed by white space"],
    ["Name\t: value", "a field's name is followed by white space"],
    [": value", "a field has no name"],
    ["Name", "a field has no colon"],
    ["Na me: value", "a field's name is followed by white space"],
    ["Na(me: value", "a field's name has a character that none may have"],
    ["N\xe9: value", "a field's name has a character that none may have"],
    ["A: b\r\n folded", "a field is folded"],
    ["A: b\r\n\tfolded", "a field is folded"],
    [" A: b", "a field is folded"],
    ["A: b\nC: d", "an LF stands alone"],
    ["A: b\rC: d", "a CR stands alone"],
    ["A: b\r\r", "a CR stands alone"],
    ["A: b\0c", "a head has the control byte 0x00"],
    ["A: b\x01c", "a head has the control byte 0x01"],
    ["A: b\x7fc", "a head has the control byte 0x7f"],
    ["A\0: b", "a head has the control byte 0x00"],
  ];
  for (const [field, reason] of fields) {
    test(`with ${JSON.stringify(field)} is refused: ${reason}`, () => {
      expect(read("response", [bytes(`${OK}${field}\r\n\r\n`)])).toEqual({ verdict: reason, kind: 400 });
    });
  }

  test("that is something else is refused before its line ends", () => {
    const verdict = (text: string) => read("response", [bytes(text)]).verdict;
    expect(verdict("SSH-2.0-Open")).toBe("the line does not begin with HTTP/1");
    expect(verdict("\x15\x03\x01")).toBe("a head has the control byte 0x15");
    expect(verdict("HTT")).toBe("incomplete");
  });
});

describe("a request's head", () => {
  const lines: [line: string, expected: object | string][] = [
    ["GET /a?b= HTTP/1.1", { method: "GET", target: "/a?b=", minorVersion: 1 }],
    ["OPTIONS * HTTP/1.0", { method: "OPTIONS", target: "*", minorVersion: 0 }],
    ["M-SEARCH /\xe9 HTTP/1.1", { method: "M-SEARCH", target: "/\xe9" }],
    ["GET  / HTTP/1.1", "the request line is not a method, a target and a version"],
    ["GET / HTTP/1.1 ", "the request line is not a method, a target and a version"],
    ["GET /", "the request line is not a method, a target and a version"],
    ["GET / x HTTP/1.1", "the request line is not a method, a target and a version"],
    ["GET / HTTP/2.0", "the version is not HTTP/1"],
    ["GET / HTTP/1.x", "the request line is not a method, a target and a version"],
    ["GET / HTTQ/1.1", "the request line is not a method, a target and a version"],
    ["GET /#a HTTP/1.1", "the target has a fragment"],
    [" GET / HTTP/1.1", "the request line is not a method, a target and a version"],
    ["G@T / HTTP/1.1", "the request line is not a method, a target and a version"],
    ["\r\nGET / HTTP/1.1", { method: "GET" }],
    ["\r\n\r\nGET / HTTP/1.1", "the request line is not a method, a target and a version"],
  ];
  for (const [line, expected] of lines) {
    test(`that begins with ${JSON.stringify(line)}`, () => {
      const result = read("request", [bytes(`${line}\r\nHost: a\r\n\r\n`)]);
      if (typeof expected === "string") expect(result.verdict).toBe(expected);
      else expect(result).toMatchObject(expected);
    });
  }
});

describe("however it is cut", () => {
  for (const kind of ["response", "request", "trailers"] as const) {
    test(`a ${kind}'s head, or what is nearly one, is read in the same way`, () => {
      fc.assert(
        fc.property(nearlyHttp, places, fc.nat(3), (whole, at, from) => {
          const pieces = cut(whole, at);
          expect(read(kind, pieces, DEFAULT_LIMITS, from)).toEqual(read(kind, [whole]));
        }),
        { numRuns: 1_500 },
      );
    });
  }

  test("the limits are the same", () => {
    const limits = { ...DEFAULT_LIMITS, lineBytes: 24, headBytes: 60, fields: 3 };
    fc.assert(
      fc.property(nearlyHttp, places, (whole, at) => {
        expect(read("response", cut(whole, at), limits)).toEqual(read("response", [whole], limits));
      }),
      { numRuns: 1_500 },
    );
  });

  test("nothing behind its end is looked at", () => {
    fc.assert(
      fc.property(nearlyHttp, fc.uint8Array({ maxLength: 20 }), (whole, behind) => {
        const alone = read("response", [whole]);
        if (alone.verdict !== undefined) return;
        expect(read("response", [new Uint8Array([...whole, ...behind])])).toEqual(alone);
      }),
    );
  });

  test("one parser reads heads one after another, from wherever they begin", () => {
    const line = new StatusLine();
    const head = new HeadParser(DEFAULT_LIMITS, line);
    const two = bytes(`HTTP/1.1 100 Continue\r\nA: b\r\n\r\n${OK}C: d\r\n\r\nrest`);
    const end = head.push(two, 0);
    expect([line.status, head.value(0), head.fieldCount]).toEqual([100, "b", 1]);
    head.reset();
    expect(head.push(two, end)).toBe(two.length - 4);
    expect([line.status, head.name(0), head.value(0), head.fieldCount]).toEqual([200, "C", "d", 1]);
  });
});

describe("limits", () => {
  const { lineBytes, headBytes, fields } = DEFAULT_LIMITS;

  test("a line of exactly the limit passes, and one more byte does not", () => {
    const line = (length: number) => bytes(`${OK}A: ${"x".repeat(length - 5)}\r\n\r\n`);
    expect(read("response", [line(lineBytes)])).toMatchObject({ status: 200 });
    expect(read("response", [line(lineBytes + 1)])).toMatchObject({
      verdict: "a line of the head is too long",
    });
  });

  test("a head of exactly the limit passes, and one more byte does not", () => {
    const head = (length: number) => {
      const rest = length - OK.length - 2;
      const field = (size: number) => `A: ${"x".repeat(size - 5)}\r\n`;
      return bytes(`${OK}${field(20_000)}${field(20_000)}${field(rest - 40_000)}\r\n`);
    };
    expect(head(headBytes).length).toBe(headBytes);
    expect(read("response", [head(headBytes)])).toMatchObject({ length: headBytes });
    expect(read("response", [head(headBytes + 1)])).toMatchObject({
      verdict: "the head is too long",
    });
  });

  test("so many fields pass, and one more does not", () => {
    expect(read("response", [bytes(`${OK}${"A: b\r\n".repeat(fields)}\r\n`)])).toMatchObject({ status: 200 });
    expect(read("response", [bytes(`${OK}${"A: b\r\n".repeat(fields + 1)}\r\n`)]).verdict).toBe(
      "the head has too many fields",
    );
  });

  test("a head that never ends costs no more than the limit", () => {
    const head = new HeadParser(DEFAULT_LIMITS, new StatusLine());
    head.push(bytes(OK), 0);
    let sent = 0;
    const drip = bytes("A: bcdef\r\n");
    expect(() => {
      for (; sent < 10 * headBytes; sent += drip.length) head.push(drip, 0);
    }).toThrow("the head has too many fields");
    expect(sent).toBeLessThan(headBytes);
  });
});
