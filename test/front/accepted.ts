import { request } from "../raw/client.ts";
import { ADDED, ADDED_FOR_OLD } from "./hostile-stage.ts";

/** A request that is one, however odd it looks. */
export interface Accepted {
  readonly what: string;
  readonly bytes: string;
  /** Exactly what the backend gets, its added fields aside; undefined if it gets nothing. */
  readonly head: string | undefined;
  /** What the backend gets after the head. */
  readonly body?: string;
  /** Of the answer. Default 200. */
  readonly status?: number;
  /** Whether another request is answered after it on the same connection, or that depends. Default true. */
  readonly isKept?: boolean | "maybe";
}

const REQUEST_LINE = "GET /TOKEN HTTP/1.1\r\n";
const PLAIN = `${REQUEST_LINE}Host: lb.test\r\n`;
const CHUNKED = "Transfer-Encoding: chunked\r\n";
const CHUNKED_HEAD = `POST /TOKEN HTTP/1.1\r\nHost: lb.test\r\n${CHUNKED}`;

/** A whole request as it looks like inside of another's body. */
const INNER = "GET /smuggled-TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n";

function get(fields: string, head = `${PLAIN}${fields}`): Pick<Accepted, "bytes" | "head"> {
  return { bytes: `${PLAIN}${fields}\r\n`, head };
}

/** A chunked body. What the backend gets of it is the same, but for what is said. */
function chunked(bytes: string, body = bytes): Pick<Accepted, "bytes" | "head" | "body"> {
  return { bytes: `${CHUNKED_HEAD}\r\n${bytes}`, head: CHUNKED_HEAD, body };
}

/** Fields that name others, which must not make a backend see another request. */
const CONNECTION: readonly Accepted[] = [
  { what: "Connection: host", ...get("Connection: host\r\n", PLAIN) },
  { what: "Connection: Host, close", ...get("Connection: Host, close\r\n", PLAIN), isKept: false },
  {
    what: "Connection: content-length",
    bytes: `POST /TOKEN HTTP/1.1\r\nHost: lb.test\r\nConnection: content-length\r\nContent-Length: 5\r\n\r\nhello`,
    head: `POST /TOKEN HTTP/1.1\r\nHost: lb.test\r\nContent-Length: 5\r\n`,
    body: "hello",
  },
  {
    what: "Connection: content-length, X-A",
    bytes: `POST /TOKEN HTTP/1.1\r\nHost: lb.test\r\nConnection: content-length, X-A\r\nX-A: 1\r\nContent-Length: 5\r\n\r\nhello`,
    head: `POST /TOKEN HTTP/1.1\r\nHost: lb.test\r\nContent-Length: 5\r\n`,
    body: "hello",
  },
  ...["transfer-encoding", "Transfer-Encoding, X-A", "X-A,transfer-encoding,close-not"].map((options) => ({
    what: `Connection: ${options}`,
    bytes: `${CHUNKED_HEAD}Connection: ${options}\r\n\r\n${INNER.length.toString(16)}\r\n${INNER}\r\n0\r\n\r\n`,
    head: CHUNKED_HEAD,
    body: `${INNER.length.toString(16)}\r\n${INNER}\r\n0\r\n\r\n`,
  })),
  {
    what: "Connection that names a field",
    ...get("Connection: X-A\r\nX-A: b\r\nX-B: c\r\n", `${PLAIN}X-B: c\r\n`),
  },
  { what: "Connection that names Via", ...get("Connection: via\r\n", PLAIN) },
  {
    what: "Connection: authorization",
    ...get("Connection: authorization\r\nAuthorization: a\r\n", `${PLAIN}Authorization: a\r\n`),
  },
  {
    what: "Upgrade: h2c",
    ...get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n", PLAIN),
  },
  { what: "Upgrade: websocket, h2c", ...get("Connection: Upgrade\r\nUpgrade: websocket, H2C\r\n", PLAIN) },
  {
    what: "Upgrade twice, the second h2c",
    ...get("Connection: Upgrade\r\nUpgrade: x\r\nUpgrade: h2c\r\n", PLAIN),
  },
  { what: "Upgrade that Connection does not name", ...get("Upgrade: websocket\r\n", PLAIN) },
  {
    what: "Upgrade with a body",
    bytes: `POST /TOKEN HTTP/1.1\r\nHost: lb.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello`,
    head: `POST /TOKEN HTTP/1.1\r\nHost: lb.test\r\nContent-Length: 5\r\n`,
    body: "hello",
  },
];

/** Bodies in which there is another request: it must stay in there. */
const BODIES: readonly Accepted[] = [
  {
    what: "a request in a body",
    bytes: `POST /TOKEN HTTP/1.1\r\nHost: lb.test\r\nContent-Length: ${INNER.length}\r\n\r\n${INNER}`,
    head: `POST /TOKEN HTTP/1.1\r\nHost: lb.test\r\nContent-Length: ${INNER.length}\r\n`,
    body: INNER,
  },
  {
    what: "a request in the body of a GET",
    bytes: `${PLAIN}Content-Length: ${INNER.length}\r\n\r\n${INNER}`,
    head: `${PLAIN}Content-Length: ${INNER.length}\r\n`,
    body: INNER,
  },
  { what: "a request in a chunk", ...chunked(`${INNER.length.toString(16)}\r\n${INNER}\r\n0\r\n\r\n`) },
  {
    what: "a length with zeros before it",
    bytes: `${PLAIN}Content-Length: 00005\r\n\r\nhello`,
    head: `${PLAIN}Content-Length: 00005\r\n`,
    body: "hello",
  },
  { what: "a length in a field with an underscore", ...get("Content_Length: 5\r\n", PLAIN) },
  { what: "chunks in a field with an underscore", ...get("Transfer_Encoding: chunked\r\n", PLAIN) },
  {
    what: "CHUNKED in upper case",
    bytes: `${PLAIN}TRANSFER-ENCODING: CHUNKED\r\n\r\n0\r\n\r\n`,
    head: `${PLAIN}TRANSFER-ENCODING: CHUNKED\r\n`,
    body: "0\r\n\r\n",
  },
  {
    what: "chunked without a space",
    bytes: `${PLAIN}Transfer-Encoding:chunked\r\n\r\n0\r\n\r\n`,
    head: `${PLAIN}Transfer-Encoding:chunked\r\n`,
    body: "0\r\n\r\n",
  },
  { what: "an extension", ...chunked('5;a=b;c="d"\r\nhello\r\n0;e\r\n\r\n') },
  { what: "an extension after a space", ...chunked("5 ;a=b\r\nhello\r\n0\t;\r\n\r\n") },
  { what: "a size with zeros before it", ...chunked("0000000000000005\r\nhello\r\n000\r\n\r\n") },
  { what: "a size in upper case", ...chunked("A\r\nhellohello\r\n0\r\n\r\n") },
  { what: "chunks of one byte", ...chunked("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n") },
  { what: "an end of chunks within a chunk", ...chunked("5\r\n0\r\n\r\n\r\n0\r\n\r\n") },
  {
    what: "trailers",
    ...chunked("5\r\nhello\r\n0\r\nX-T: 1\r\nX-U:2\r\n\r\n", "5\r\nhello\r\n0\r\nX-T: 1\r\nX-U: 2\r\n\r\n"),
  },
  ...[
    "Content-Length: 5",
    "Transfer-Encoding: chunked",
    "Host: other.test",
    "Connection: close",
    "Authorization: a",
    "X-Forwarded-For: 192.0.2.1",
    "Cookie: a",
    "Expect: 100-continue",
  ].map((field) => ({
    what: `trailers with ${field}`,
    ...chunked(`0\r\nX-T: 1\r\n${field}\r\n\r\n`, "0\r\nX-T: 1\r\n\r\n"),
  })),
  {
    what: "nothing but a trailer that must not pass",
    ...chunked("0\r\nContent-Length: 5\r\n\r\n", "0\r\n\r\n"),
  },
];

/** What the front answers itself, and what ends a connection. */
const CLOSING: readonly Accepted[] = [
  {
    what: "CONNECT",
    bytes: "CONNECT lb.test:443 HTTP/1.1\r\nHost: lb.test:443\r\n\r\n",
    head: undefined,
    status: 405,
  },
  {
    what: "CONNECT with a body",
    bytes: "CONNECT lb.test:443 HTTP/1.1\r\nHost: lb.test:443\r\nContent-Length: 5\r\n\r\nhello",
    head: undefined,
    status: 405,
    isKept: "maybe",
  },
  { what: "TRACE", bytes: "TRACE /TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n", head: undefined, status: 405 },
  {
    what: "TRACE with a request in its body",
    bytes: request("TRACE", "/TOKEN", [`Content-Length: ${INNER.length}`], INNER),
    head: undefined,
    status: 405,
    isKept: "maybe",
  },
  { what: "Connection: close", ...get("Connection: close\r\n", PLAIN), isKept: false },
  { what: "Connection: CLOSE", ...get("Connection: CLOSE\r\n", PLAIN), isKept: false },
  { what: "Connection: x, close", ...get("Connection: x , close\r\n", PLAIN), isKept: false },
  {
    what: "Connection twice, the second close",
    ...get("Connection: keep-alive\r\nConnection: close\r\n", PLAIN),
    isKept: false,
  },
  { what: "HTTP/1.0", bytes: "GET /TOKEN HTTP/1.0\r\nHost: lb.test\r\n\r\n", head: PLAIN, isKept: false },
  {
    what: "HTTP/1.0 with keep-alive",
    bytes: "GET /TOKEN HTTP/1.0\r\nHost: lb.test\r\nConnection: Keep-Alive\r\n\r\n",
    head: PLAIN,
  },
  {
    what: "HTTP/1.0 with keep-alive and close",
    bytes: "GET /TOKEN HTTP/1.0\r\nHost: lb.test\r\nConnection: keep-alive, close\r\n\r\n",
    head: PLAIN,
    isKept: false,
  },
];

/** What only looks odd. */
const ODD: readonly Accepted[] = [
  { what: "HTTP/1.2", bytes: "GET /TOKEN HTTP/1.2\r\nHost: lb.test\r\n\r\n", head: PLAIN },
  { what: "HTTP/1.9", bytes: "GET /TOKEN HTTP/1.9\r\nHost: lb.test\r\n\r\n", head: PLAIN },
  {
    what: "a method in lower case",
    bytes: "get /TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n",
    head: "get /TOKEN HTTP/1.1\r\nHost: lb.test\r\n",
  },
  {
    what: "a method that nobody knows",
    bytes: "M-SEARCH! /TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n",
    head: "M-SEARCH! /TOKEN HTTP/1.1\r\nHost: lb.test\r\n",
  },
  { what: "an empty line before it", bytes: `\r\n${PLAIN}\r\n`, head: PLAIN },
  {
    what: "an absolute target",
    bytes: "GET http://lb.test/TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n",
    head: `${REQUEST_LINE}Host: lb.test\r\n`,
  },
  {
    what: "an absolute target in upper case",
    bytes: "GET HTTP://lb.test/TOKEN HTTP/1.1\r\nHost: LB.test:80\r\n\r\n",
    head: `${REQUEST_LINE}Host: lb.test\r\n`,
  },
  { what: "an empty value", ...get("X-A:\r\nX-B: \r\nX-C:  \t\r\n") },
  { what: "no space after the colon", ...get("X-A:b\r\n") },
  { what: "white space around a value", ...get("X-A: \t b \t \r\n") },
  { what: "bytes beyond ASCII in a value", ...get("X-A: \xe4\xff\x80\r\n") },
  {
    what: "bytes beyond ASCII in a target",
    bytes: "GET /TOKEN\xe4 HTTP/1.1\r\nHost: lb.test\r\n\r\n",
    head: "GET /TOKEN\xe4 HTTP/1.1\r\nHost: lb.test\r\n",
  },
  { what: "a name of all token characters", ...get("!#$%&'*+-.^_`|~09AZaz: b\r\n") },
  {
    what: "a target that is not normal",
    bytes: "GET //TOKEN/../a/./b;c?d=%00%2f/../e HTTP/1.1\r\nHost: lb.test\r\n\r\n",
    head: "GET //TOKEN/../a/./b;c?d=%00%2f/../e HTTP/1.1\r\nHost: lb.test\r\n",
  },
];

/** Every one. */
export const ACCEPTED: readonly Accepted[] = [...CONNECTION, ...BODIES, ...CLOSING, ...ODD];

/** Exactly what the backend gets; undefined if nothing. */
export function expected({ bytes, head, body = "" }: Accepted): string | undefined {
  if (head === undefined) return undefined;
  return `${head}${bytes.includes("HTTP/1.0\r\n") ? ADDED_FOR_OLD : ADDED}\r\n${body}`;
}
