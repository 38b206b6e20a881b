import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { fieldName } from "../../src/http1/known-names.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/http1/limits.ts";
import { Malformed } from "../../src/http1/malformed.ts";
import { RequestLine, StatusLine } from "../../src/http1/start-line.ts";
import { bytes, cut, nearlyHttp, places } from "./pieces.ts";

type Kind = "response" | "request" | "trailers";

const START_LINES = {
  response: () => new StatusLine(),
  request: () => new RequestLine(),
  trailers: () => undefined,
} as const;

/** Reads a head that comes in these pieces, and says all there is to say of it. */
function read(kind: Kind, pieces: readonly Uint8Array[], limits: Limits = DEFAULT_LIMITS): unknown {
  const startLine = START_LINES[kind]();
  const head = new HeadParser(limits, startLine);
  let before = 0;
  try {
    for (const piece of pieces) {
      const end = head.push(piece, 0);
      if (end >= 0) {
        const fields = Array.from({ length: head.fieldCount }, (_, field) => [
          head.name(field),
          head.value(field),
        ]);
        return { length: before + end, fields, ...describeStart(head, startLine) };
      }
      before += piece.length;
    }
    return "incomplete";
  } catch (error) {
    if (error instanceof Malformed) return error.message;
    throw error;
  }
}

function describeStart(head: HeadParser, startLine: StatusLine | RequestLine | undefined): object {
  if (startLine instanceof StatusLine) {
    const { status, minorVersion, reasonStart, reasonEnd } = startLine;
    return { status, minorVersion, reason: head.slice(reasonStart, reasonEnd) };
  }
  if (startLine instanceof RequestLine) {
    const { method, target, minorVersion } = startLine;
    return { method, target, minorVersion };
  }
  return {};
}

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
      if (typeof expected === "string") expect(result).toBe(expected);
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
      expect(read("response", [bytes(`${OK}${field}\r\n\r\n`)])).toBe(reason);
    });
  }

  test("that is something else is refused before its line ends", () => {
    expect(read("response", [bytes("SSH-2.0-Open")])).toBe("the line does not begin with HTTP/1");
    expect(read("response", [bytes("\x15\x03\x01")])).toBe("a head has the control byte 0x15");
    expect(read("response", [bytes("HTT")])).toBe("incomplete");
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
    ["GET / x HTTP/1.1", "the line does not begin with HTTP/1"],
    ["GET / HTTP/2.0", "the line does not begin with HTTP/1"],
    [" GET / HTTP/1.1", "the request line is not a method, a target and a version"],
    ["G@T / HTTP/1.1", "the request line is not a method, a target and a version"],
    ["\r\nGET / HTTP/1.1", { method: "GET" }],
    ["\r\n\r\nGET / HTTP/1.1", "the request line is not a method, a target and a version"],
  ];
  for (const [line, expected] of lines) {
    test(`that begins with ${JSON.stringify(line)}`, () => {
      const result = read("request", [bytes(`${line}\r\nHost: a\r\n\r\n`)]);
      if (typeof expected === "string") expect(result).toBe(expected);
      else expect(result).toMatchObject(expected);
    });
  }
});

describe("however it is cut", () => {
  for (const kind of ["response", "request", "trailers"] as const) {
    test(`a ${kind}'s head, or what is nearly one, is read in the same way`, () => {
      fc.assert(
        fc.property(nearlyHttp, places, (whole, at) => {
          expect(read(kind, cut(whole, at))).toEqual(read(kind, [whole]));
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
        if (typeof alone === "string") return;
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
    expect(read("response", [line(lineBytes + 1)])).toBe("a line of the head is too long");
  });

  test("a head of exactly the limit passes, and one more byte does not", () => {
    const head = (length: number) => {
      const rest = length - OK.length - 2;
      const field = (size: number) => `A: ${"x".repeat(size - 5)}\r\n`;
      return bytes(`${OK}${field(20_000)}${field(20_000)}${field(rest - 40_000)}\r\n`);
    };
    expect(head(headBytes).length).toBe(headBytes);
    expect(read("response", [head(headBytes)])).toMatchObject({ length: headBytes });
    expect(read("response", [head(headBytes + 1)])).toBe("the head is too long");
  });

  test("so many fields pass, and one more does not", () => {
    expect(read("response", [bytes(`${OK}${"A: b\r\n".repeat(fields)}\r\n`)])).toMatchObject({ status: 200 });
    expect(read("response", [bytes(`${OK}${"A: b\r\n".repeat(fields + 1)}\r\n`)])).toBe(
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

test("a common name is found in any case, and no other is taken for it", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("content-length", "date", "set-cookie", "x-other", "datf", "etag"),
      fc.func(fc.boolean()),
      (name, upper) => {
        const written = [...name].map((letter) => (upper(letter) ? letter.toUpperCase() : letter)).join("");
        const head = new HeadParser(DEFAULT_LIMITS);
        head.push(bytes(`${written}: v\r\n\r\n`), 0);
        expect(fieldName(head, 0).toLowerCase()).toBe(name);
      },
    ),
  );
});
