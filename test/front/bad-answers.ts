import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";

/** What a backend sends that does not know HTTP, or means harm. */
export interface BadAnswer {
  readonly what: string;
  /** The request's method. Default `GET`. */
  readonly method?: "GET" | "HEAD";
  readonly bytes: string;
  /** What it does then. Default: nothing, as if the connection could be used again. */
  readonly ends?: "end" | "reset";
  /**
   * What the client gets: a status and a body, an answer that is cut, or one of the two: 502 if all of it comes at
   * once, so that nothing was passed on, and else an answer that is cut.
   */
  readonly client: readonly [status: number, body: string] | "cut" | "502 or cut";
  /** Whether the backend's connection is used again. Default false. */
  readonly isKept?: boolean;
}

const OK = "HTTP/1.1 200 OK\r\n";
const FIVE = `${OK}Content-Length: 5\r\n`;
const HELLO = `${FIVE}\r\nhello`;
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
/** What must never be taken for the answer to another request. */
const FORGED = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";

/** Bodies where there is none, and more bytes than there should be. */
const TOO_MUCH: readonly BadAnswer[] = [
  {
    what: "204 with a length and a body",
    bytes: `HTTP/1.1 204 No\r\nContent-Length: 6\r\n\r\nforged`,
    client: [204, ""],
  },
  {
    what: "204 with chunks",
    bytes: `HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nforged\r\n0\r\n\r\n`,
    client: [204, ""],
  },
  { what: "204 with another answer behind it", bytes: `HTTP/1.1 204 No\r\n\r\n${FORGED}`, client: [204, ""] },
  {
    what: "304 with a length and a body",
    bytes: `HTTP/1.1 304 Not\r\nContent-Length: 6\r\n\r\nforged`,
    client: [304, ""],
  },
  {
    what: "304 with chunks",
    bytes: `HTTP/1.1 304 Not\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nforged\r\n0\r\n\r\n`,
    client: [304, ""],
  },
  {
    what: "a body in answer to HEAD",
    method: "HEAD",
    bytes: `${OK}Content-Length: 6\r\n\r\nforged`,
    client: [200, ""],
  },
  {
    what: "chunks in answer to HEAD",
    method: "HEAD",
    bytes: `${CHUNKED}6\r\nforged\r\n0\r\n\r\n`,
    client: [200, ""],
  },
  { what: "two answers", bytes: `${HELLO}${FORGED}`, client: [200, "hello"] },
  {
    what: "two chunked answers",
    bytes: `${CHUNKED}5\r\nhello\r\n0\r\n\r\n${FORGED}`,
    client: [200, "hello"],
  },
  {
    what: "an answer with trailers and another",
    bytes: `${CHUNKED}5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n${FORGED}`,
    client: [200, "hello"],
  },
  {
    what: "an answer of no length and another",
    bytes: `${OK}Content-Length: 0\r\n\r\n${FORGED}`,
    client: [200, ""],
  },
  { what: "one byte too many", bytes: `${HELLO}!`, client: [200, "hello"] },
  { what: "an empty line too many", bytes: `${HELLO}\r\n`, client: [200, "hello"] },
  {
    what: "100 with a body",
    bytes: `HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello${HELLO}`,
    client: [502, ""],
  },
];

/** Heads that are none. */
const HEADS: readonly BadAnswer[] = [
  ...[
    ["two lengths", `${FIVE}Content-Length: 6\r\n\r\nhello!`],
    ["the same length twice", `${FIVE}Content-Length: 5\r\n\r\nhello`],
    ["a list of lengths", `${OK}Content-Length: 5, 5\r\n\r\nhello`],
    ["a length with a plus", `${OK}Content-Length: +5\r\n\r\nhello`],
    ["a length that is empty", `${OK}Content-Length:\r\n\r\nhello`],
    ["a length that nobody can count", `${OK}Content-Length: 18446744073709551621\r\n\r\nhello`],
    ["a length and chunks", `${FIVE}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["chunks and a length", `${OK}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
    ["an unknown coding", `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ["a coding that is not quite chunked", `${OK}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ["chunked twice", `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["a bare LF", `HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\nhello`],
    ["a bare LF as the empty line", `${FIVE}\nhello`],
    ["a bare CR in a value", `${FIVE}X-A: b\rSet-Cookie: c\r\n\r\nhello`],
    ["a NUL in a value", `${FIVE}X-A: \0\r\n\r\nhello`],
    ["a folded line", `${FIVE}X-A: b\r\n c\r\n\r\nhello`],
    ["a space before the colon", `${OK}Content-Length : 5\r\n\r\nhello`],
    ["no colon", `${FIVE}X-A\r\n\r\nhello`],
    ["an empty line before it", `\r\n${HELLO}`],
    ["a body before it", `hello${HELLO}`],
    ["no HTTP", "SSH-2.0-OpenSSH_9.9\r\n\r\n"],
    ["ICY", "ICY 200 OK\r\n\r\n"],
    ["HTTP/2", "HTTP/2 200\r\n\r\n"],
    ["HTTP/2.0", "HTTP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
    ["HTTP/0.9", "<html>hello</html>\r\n\r\n"],
    ["no status", "HTTP/1.1 OK\r\n\r\n"],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"],
    ["a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"],
    ["a status below 100", "HTTP/1.1 099 OK\r\n\r\n"],
    ["a status above 599", "HTTP/1.1 600 OK\r\n\r\n"],
    ["101 unasked", "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"],
    ["more interim answers than anybody needs", `${"HTTP/1.1 103 Early\r\n\r\n".repeat(33)}${HELLO}`],
    ["more fields than anybody needs", `${OK}${"a: b\r\n".repeat(DEFAULT_LIMITS.fields + 1)}\r\n`],
    ["a field that does not end", `${OK}X-A: ${"x".repeat(DEFAULT_LIMITS.lineBytes)}`],
    ["a head that does not end", `${OK}${`X-A: ${"x".repeat(1017)}\r\n`.repeat(65)}`],
  ].map(([what = "", bytes = ""]): BadAnswer => ({ what, bytes, client: [502, ""] })),
  ...(["end", "reset"] as const).flatMap((ends): BadAnswer[] => [
    { what: `nothing, then ${ends}`, bytes: "", ends, client: [502, ""] },
    { what: `half a status line, then ${ends}`, bytes: "HTTP/1.1 20", ends, client: [502, ""] },
    { what: `half a head, then ${ends}`, bytes: FIVE, ends, client: [502, ""] },
    { what: `an interim answer, then ${ends}`, bytes: "HTTP/1.1 103 Early\r\n\r\n", ends, client: [502, ""] },
  ]),
];

/** Bodies that break off, or are none: the client must not take them for whole. */
const BODIES: readonly BadAnswer[] = [
  ...(["end", "reset"] as const).flatMap((ends): BadAnswer[] => [
    { what: `less than the length, then ${ends}`, bytes: `${FIVE}\r\nhell`, ends, client: "cut" },
    { what: `nothing of the length, then ${ends}`, bytes: `${FIVE}\r\n`, ends, client: "cut" },
    { what: `half a chunk, then ${ends}`, bytes: `${CHUNKED}5\r\nhel`, ends, client: "cut" },
    { what: `a chunk, then ${ends}`, bytes: `${CHUNKED}5\r\nhello\r\n`, ends, client: "cut" },
    { what: `half a last chunk, then ${ends}`, bytes: `${CHUNKED}5\r\nhello\r\n0\r\n`, ends, client: "cut" },
    { what: `half a trailer section, then ${ends}`, bytes: `${CHUNKED}0\r\nX-T: 1\r\n`, ends, client: "cut" },
  ]),
  { what: "a body without a length, then reset", bytes: `${OK}\r\nhello`, ends: "reset", client: "cut" },
  ...[
    ["a size that is none", "5\r\nhello\r\nx\r\n"],
    ["a size with 0x", "0x5\r\nhello\r\n0\r\n\r\n"],
    ["a size that nobody can count", "fffffffffffffff0\r\nhello\r\n0\r\n\r\n"],
    ["nothing behind the data", "5\r\nhello0\r\n\r\n"],
    ["an LF behind the data", "5\r\nhello\n0\r\n\r\n"],
    ["an LF behind a size", "5\nhello\r\n0\r\n\r\n"],
    ["an LF in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"],
    ["a trailer without a colon", "0\r\nX-T\r\n\r\n"],
    ["an LF as the empty line", "0\r\n\n"],
  ].map(
    ([what, body]): BadAnswer => ({
      what: `chunks: ${what}`,
      bytes: `${CHUNKED}${body}`,
      client: "502 or cut",
    }),
  ),
];

/** Answers that only look odd. */
const ODD: readonly BadAnswer[] = [
  { what: "a plain one", bytes: HELLO, client: [200, "hello"], isKept: true },
  {
    what: "one to HEAD with a length",
    method: "HEAD",
    bytes: `${FIVE}\r\n`,
    client: [200, ""],
    isKept: true,
  },
  { what: "204", bytes: "HTTP/1.1 204 No\r\n\r\n", client: [204, ""], isKept: true },
  {
    what: "304 with a length",
    bytes: "HTTP/1.1 304 Not\r\nContent-Length: 5\r\n\r\n",
    client: [304, ""],
    isKept: true,
  },
  { what: "204 with a length", bytes: "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", client: [204, ""] },
  {
    what: "205 with a body",
    bytes: `HTTP/1.1 205 Reset\r\nContent-Length: 5\r\n\r\nhello`,
    client: [205, "hello"],
    isKept: true,
  },
  {
    what: "interim answers",
    bytes: `HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nLink: a\r\n\r\n${HELLO}`,
    client: [200, "hello"],
    isKept: true,
  },
  {
    what: "an interim answer with a length",
    bytes: `HTTP/1.1 103 E\r\nContent-Length: 9\r\n\r\n${HELLO}`,
    client: [200, "hello"],
    isKept: true,
  },
  {
    what: "no reason",
    bytes: `HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello`,
    client: [200, "hello"],
    isKept: true,
  },
  {
    what: "no space behind the status",
    bytes: `HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello`,
    client: [200, "hello"],
    isKept: true,
  },
  {
    what: "an odd status",
    bytes: `HTTP/1.1 299 Odd\r\nContent-Length: 5\r\n\r\nhello`,
    client: [299, "hello"],
    isKept: true,
  },
  { what: "HTTP/1.0", bytes: "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", client: [200, "hello"] },
  {
    what: "HTTP/1.0 with keep-alive",
    bytes: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
    client: [200, "hello"],
    isKept: true,
  },
  { what: "Connection: close", bytes: `${FIVE}Connection: close\r\n\r\nhello`, client: [200, "hello"] },
  {
    what: "a Connection that names the length",
    bytes: `${FIVE}Connection: content-length, X-A\r\nX-A: 1\r\n\r\nhello`,
    client: [200, "hello"],
    isKept: true,
  },
  {
    what: "a Connection that names the coding",
    bytes: `${OK}Connection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    client: [200, "hello"],
    isKept: true,
  },
  {
    what: "a Connection that names the coding and more",
    bytes: `${OK}Connection: X-A, Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    client: [200, "hello"],
    isKept: true,
  },
  {
    what: "chunks with extensions and trailers",
    bytes: `${CHUNKED}5;a="b"\r\nhello\r\n0\r\nX-T: 1\r\nContent-Length: 9\r\n\r\n`,
    client: [200, "hello"],
    isKept: true,
  },
  { what: "a body without a length, then end", bytes: `${OK}\r\nhello`, ends: "end", client: [200, "hello"] },
  { what: "nothing without a length, then end", bytes: `${OK}\r\n`, ends: "end", client: [200, ""] },
  {
    what: "HTTP/1.0 without a length, then end",
    bytes: "HTTP/1.0 200 OK\r\n\r\nhello",
    ends: "end",
    client: [200, "hello"],
  },
  {
    what: "an answer in a body without a length",
    bytes: `${OK}\r\n${FORGED}`,
    ends: "end",
    client: [200, FORGED],
  },
];

/** Every one. */
export const BAD_ANSWERS: readonly BadAnswer[] = [...TOO_MUCH, ...HEADS, ...BODIES, ...ODD];
