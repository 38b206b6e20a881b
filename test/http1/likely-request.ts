import fc from "fast-check";
import { bytes } from "./pieces.ts";

/** Requests as clients and attackers write them: whole ones, most of which are right or just not. */

const requestLine = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("GET / HTTP/1.1", "POST /x?y=z HTTP/1.1", "PUT /a HTTP/1.1") },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "OPTIONS * HTTP/1.1",
      "GET http://a/x?y HTTP/1.1",
      "GET http://a HTTP/1.1",
      "GET http://a?x HTTP/1.1",
      "GET HTTP://A:80/ HTTP/1.1",
      "GET / HTTP/1.0",
      "POST /\xe9 HTTP/1.1",
      "M-SEARCH /a HTTP/1.1",
      "DELETE //a//b/../?? HTTP/1.1",
      "\r\nGET / HTTP/1.1",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "GET /#a HTTP/1.1",
      "GET  / HTTP/1.1",
      "GET / HTTP/1.1 ",
      "GET /\tHTTP/1.1",
      "GET /",
      "get / HTTP/1.1",
      "BREW / HTTP/1.1",
      "GET x HTTP/1.1",
      "GET * HTTP/1.1",
      "GET http://b/ HTTP/1.1",
      "GET http://u@a/ HTTP/1.1",
      "GET https://a/ HTTP/1.1",
      "GET / HTTP/1.2",
      "GET / HTTP/2.0",
      "GET / HTTP/0.9",
      "GET / http/1.1",
      "PRI * HTTP/2.0",
      "\r\n\r\nGET / HTTP/1.1",
    ),
  },
);

const host = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(["Host: a"], ["hOST:a"], ["Host: \ta:80 "]) },
  { weight: 1, arbitrary: fc.constantFrom([], ["Host:"], ["Host: a", "Host: a"], ["Host: a b"]) },
);

const framing = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      [],
      ["Content-Length: 5"],
      ["content-length:005"],
      ["Transfer-Encoding: chunked"],
      ["transfer-encoding: CHUNKED"],
      ["Content-Length: 0"],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ["Content-Length: 5", "Content-Length: 5"],
      ["Content-Length: 5", "Transfer-Encoding: chunked"],
      ["Transfer-Encoding: chunked", "Content-Length: 5"],
      ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
      ["Transfer-Encoding: gzip, chunked"],
      ["Transfer-Encoding: chunked, gzip"],
      ["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"],
      ["Transfer-Encoding: xchunked"],
      ["Transfer-Encoding: identity"],
      ["Transfer-Encoding:"],
      ["Content-Length: +5"],
      ["Content-Length: 5, 5"],
      ["Content-Length: 0x5"],
      ["Content-Length: 5 5"],
      ["Content-Length:"],
      ["Content-Length : 5"],
      ["Content_Length: 5"],
      ["Content-Length: 99999999999999999999"],
      ["Content-Length: 18446744073709551621"],
    ),
  },
);

const other = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "Accept: */*",
      "X: \xe9",
      "X:",
      "X:\t y \t",
      "X_y: a:b: c",
      "Cookie: a=b; c=d",
      "Connection: keep-alive",
      "Connection: x-a, TE",
      "TE: trailers",
      "Trailer: Digest",
      "Expect: 100-continue",
      "Upgrade: websocket",
      "Connection: keep-alive, Upgrade",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("Connection: close", "Connection: Upgrade", "connection: Close , x"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "X",
      " folded",
      ": x",
      "X : y",
      "X: a\0b",
      "X: a\rb",
      "X: a\nY: b",
      "X\xe9: y",
      "X@: y",
      "X: a\x7fb",
    ),
  },
);

const content = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom("", "hello") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "5\r\nhello\r\n0\r\n\r\n",
      "5;x=y\r\nhello\r\n0\r\nDigest: b\r\nX:\r\n\r\n",
      '005;x="y z";w\r\nhello\r\nA\r\n0123456789\r\n00\r\n\r\n',
      "0\r\n\r\n",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "5\nhello\r\n0\r\n\r\n",
      "5 \r\nhello\r\n0\r\n\r\n",
      "5 ;x\r\nhello\r\n0\r\n\r\n",
      "5; x = y\r\nhello\r\n0\r\n\r\n",
      "5;\r\nhello\r\n0\r\n\r\n",
      "5;x=\xe9\r\nhello\r\n0\r\n\r\n",
      "5;x\n\r\nhello\r\n0\r\n\r\n",
      "0x5\r\nhello\r\n0\r\n\r\n",
      "-5\r\nhello\r\n0\r\n\r\n",
      "5\r\nhello0\r\n\r\n",
      "5\r\nhello\n0\r\n\r\n",
      "5\r\nhello\r\n0\r\n\n",
      "5\r\nhello\r\n0\r\nX\r\n\r\n",
      "5\r\nhello\r\n0\r\n folded\r\n\r\n",
      "5\r\nhello\r\n0\r\nContent-Length: 7\r\n\r\n",
      "5\r\nhello\r\n0\r\nTransfer-Encoding: gzip\r\n\r\n",
      "10000000000000005\r\nhello\r\n0\r\n\r\n",
      "ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    ),
  },
);

const whole = fc
  .tuple(
    requestLine,
    fc.array(other, { maxLength: 3 }),
    host,
    framing,
    fc.array(other, { maxLength: 2 }),
    content,
  )
  .map(([line, before, hosts, frame, behind, body]) =>
    [line, ...before, ...hosts, ...frame, ...behind, "", body].join("\r\n"),
  );

/** One byte more, less or other than there was. */
const mutation = fc.record({
  at: fc.nat(200),
  kind: fc.constantFrom("insert", "replace", "remove"),
  byte: fc.constantFrom(..." \t\r\n\0:;,0aX/#\x0b\x7f\xff"),
});

/** One request. */
export const likelyRequest: fc.Arbitrary<Uint8Array> = fc
  .tuple(whole, fc.array(mutation, { maxLength: 1 }))
  .map(([text, mutations]) => bytes(mutations.reduce(mutated, text)));

/** Several requests on one connection, one behind the other. */
export const likelyRequests: fc.Arbitrary<Uint8Array> = fc
  .array(likelyRequest, { minLength: 1, maxLength: 3 })
  .map((all) => new Uint8Array(Buffer.concat(all)));

function mutated(text: string, { at, kind, byte }: { at: number; kind: string; byte: string }): string {
  const place = at % (text.length + 1);
  const behind = kind === "insert" ? place : place + 1;
  return text.slice(0, place) + (kind === "remove" ? "" : byte) + text.slice(behind);
}
