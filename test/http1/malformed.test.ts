import { describe, expect, test } from "bun:test";
import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";
import { MalformedKind } from "../../src/http1/malformed.ts";
import { bytes } from "./pieces.ts";
import { read } from "./read-head.ts";

describe("what is wrong with a request", () => {
  const { lineBytes, headBytes, fields } = DEFAULT_LIMITS;
  const long = (length: number) => "x".repeat(length);
  const cases: [what: string, text: string, kind: MalformedKind | undefined][] = [
    ["a line of garbage", "garbage\r\n\r\n", MalformedKind.syntax],
    ["a TLS hello", "\x16\x03\x01\x02\x00\x01", MalformedKind.syntax],
    ["HTTP/0.9", "GET /\r\n", MalformedKind.syntax],
    ["no version", "GET / HTTP/x.1\r\n\r\n", MalformedKind.syntax],
    ["half a version", "GET / HTTP/2\r\n\r\n", MalformedKind.syntax],
    ["a field that is none", "GET / HTTP/1.1\r\na b: c\r\n\r\n", MalformedKind.syntax],
    ["HTTP/2.0", "GET / HTTP/2.0\r\n\r\n", MalformedKind.version],
    ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", MalformedKind.version],
    ["HTTP/1.2, which is as good as 1.1", "GET / HTTP/1.2\r\n\r\n", undefined],
    ["a target that is too long", `GET /${long(lineBytes)}`, MalformedKind.targetTooLong],
    [
      "a request line one byte too long",
      `GET /${long(lineBytes - 15)} HTTP/1.1\r\n\r\n`,
      MalformedKind.targetTooLong,
    ],
    ["a request line of the limit", `GET /${long(lineBytes - 16)} HTTP/1.1\r\n\r\n`, undefined],
    ["a field that is too long", `GET / HTTP/1.1\r\na: ${long(lineBytes)}`, MalformedKind.headTooLarge],
    [
      "a head that is too long",
      `GET / HTTP/1.1\r\n${`a: ${long(20_000)}\r\n`.repeat(Math.ceil(headBytes / 20_000))}`,
      MalformedKind.headTooLarge,
    ],
    [
      "a field too many",
      `GET / HTTP/1.1\r\n${"a: b\r\n".repeat(fields + 1)}\r\n`,
      MalformedKind.headTooLarge,
    ],
  ];
  for (const [what, text, kind] of cases) {
    test(`${what}: ${kind ?? "nothing"}`, () => {
      expect(read("request", [bytes(text)]).kind).toBe(kind);
    });
  }
});
