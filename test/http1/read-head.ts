import { expect } from "bun:test";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/http1/limits.ts";
import { Malformed } from "../../src/http1/malformed.ts";
import { RequestLine, StatusLine } from "../../src/http1/start-line.ts";

/** Which head it is. */
export type Kind = "response" | "request" | "trailers";

const START_LINES = {
  response: () => new StatusLine(),
  request: () => new RequestLine(),
  trailers: () => undefined,
} as const;

/**
 * Reads a head that comes in these pieces, and says all there is to say of it.
 *
 * @param from Where in each piece the parser is to begin: so many bytes stand before it.
 */
export function read(
  kind: Kind,
  pieces: readonly Uint8Array[],
  limits: Limits = DEFAULT_LIMITS,
  from = 0,
): Record<string, unknown> {
  const startLine = START_LINES[kind]();
  const head = new HeadParser(limits, startLine);
  let before = 0;
  try {
    for (const piece of pieces) {
      const end = head.push(Buffer.concat([Buffer.alloc(from, "z"), piece]), from) - from;
      if (end >= 0) {
        const fields = Array.from({ length: head.fieldCount }, (_, field) => [
          head.name(field),
          head.value(field),
        ]);
        return { length: before + end, fields, lines: linesOf(head), ...describeStart(head, startLine) };
      }
      before += piece.length;
    }
    return { verdict: "incomplete" };
  } catch (error) {
    if (error instanceof Malformed) return { verdict: error.message, kind: error.kind };
    throw error;
  }
}

/** The lines of the fields as they stand there, taken by their offsets; checked against name and value. */
function linesOf(head: HeadParser): string[] {
  const text = (start: number, end: number) =>
    Buffer.from(head.bytes.subarray(start, end)).toString("latin1");
  let at = head.fieldsStart;
  const lines: string[] = [];
  for (let field = 0; field < head.fieldCount; field++) {
    expect(head.lineStart(field)).toBe(at);
    at = head.lineEnd(field);
    lines.push(text(head.lineStart(field), at));
    expect(text(head.nameStart(field), head.nameEnd(field))).toBe(head.name(field));
    expect(text(head.valueStart(field), head.valueEnd(field))).toBe(head.value(field));
  }
  expect(text(at, head.end)).toBe("\r\n");
  return lines;
}

function describeStart(head: HeadParser, startLine: StatusLine | RequestLine | undefined): object {
  if (startLine instanceof StatusLine) {
    const { status, minorVersion, reasonStart, reasonEnd } = startLine;
    return { status, minorVersion, reason: head.slice(reasonStart, reasonEnd) };
  }
  if (startLine instanceof RequestLine) {
    const { minorVersion } = startLine;
    const method = head.slice(startLine.methodStart, startLine.methodEnd);
    return { method, target: head.slice(startLine.targetStart, startLine.targetEnd), minorVersion };
  }
  return {};
}
