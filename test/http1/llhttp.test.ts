import { expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { BodyDecoder } from "../../src/http1/body-decoder.ts";
import { responseBodyLength } from "../../src/http1/framing.ts";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";
import { Malformed } from "../../src/http1/malformed.ts";
import { StatusLine } from "../../src/http1/start-line.ts";
import { bytes, nearlyHttp } from "./pieces.ts";

/** What a parser makes of a message. */
interface Reading {
  readonly error?: string;
  readonly status?: number;
  readonly fields?: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly isDone?: boolean;
}

function readHere(message: Uint8Array): Reading {
  const line = new StatusLine();
  const head = new HeadParser(DEFAULT_LIMITS, line);
  const body = new BodyDecoder(DEFAULT_LIMITS);
  try {
    let at = head.push(message, 0);
    if (at < 0) return { isDone: false };
    body.begin(responseBodyLength(head, line.status, line.minorVersion, "GET"));
    let data = "";
    while (at < message.length && !body.isDone) {
      at = body.advance(message, at);
      data += Buffer.from(message.subarray(body.dataStart, body.dataEnd)).toString("latin1");
    }
    const fields = Array.from({ length: head.fieldCount }, (_, field) => {
      return [head.name(field), head.value(field)] as const;
    });
    return { status: line.status, fields, body: data, isDone: body.isDone };
  } catch (error) {
    if (error instanceof Malformed) return { error: error.message };
    throw error;
  }
}

function readByNode(messages: readonly Uint8Array[]): Reading[] {
  const input = JSON.stringify(messages.map((message) => Buffer.from(message).toString("base64")));
  const run = Bun.spawnSync(["node", "--no-deprecation", join(import.meta.dir, "llhttp.mjs")], {
    stdin: new TextEncoder().encode(input),
  });
  if (run.exitCode !== 0) throw new Error(run.stderr.toString());
  return JSON.parse(run.stdout.toString()) as Reading[];
}

const field = fc.constantFrom(
  "Content-Length: 5",
  "content-length:5",
  "Content-Length: 0",
  "Content-Length: 5 ",
  "Content-Length: 05",
  "Content-Length: 5, 5",
  "Content-Length : 5",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: Chunked",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding: identity",
  "X: \xe9",
  "X:",
  "X:\t y \t",
  "X",
  " folded",
);
const content = fc.constantFrom(
  "hello",
  "hell",
  "5\r\nhello\r\n0\r\n\r\n",
  "5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n",
  "5\nhello\r\n0\r\n\r\n",
  "5 \r\nhello\r\n0\r\n\r\n",
  "05\r\nhello\r\n00\r\n\r\n",
  "",
);
const statusLine = fc.constantFrom(
  "HTTP/1.1 200 OK",
  "HTTP/1.1 204 No",
  "HTTP/1.1 304 ",
  "HTTP/1.1 200",
  "HTTP/1.0 200 OK",
);
const likely = fc
  .tuple(statusLine, fc.array(field, { maxLength: 3 }), content)
  .map(([line, fields, body]) => bytes([line, ...fields, "", body].join("\r\n")));

test("what is taken here, Node's parser reads as the same message", () => {
  const seed = (Math.random() * 2 ** 31) | 0;
  const messages = [
    // One message is asked about, whatever comes after it.
    bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nA: b\r\n\r\nmore"),
    ...fc.sample(likely, { numRuns: 3_000, seed }),
    ...fc.sample(nearlyHttp, { numRuns: 3_000, seed }),
  ];
  const theirs = readByNode(messages);
  let taken = 0;
  for (const [index, message] of messages.entries()) {
    const ours = readHere(message);
    if (ours.error !== undefined || ours.status === undefined) continue;
    taken += 1;
    expect({ seed, message: Buffer.from(message).toString("latin1"), ...theirs[index] }).toEqual({
      seed,
      message: Buffer.from(message).toString("latin1"),
      ...ours,
    });
  }
  // Or the samples would show nothing.
  expect(taken).toBeGreaterThan(500);
});
