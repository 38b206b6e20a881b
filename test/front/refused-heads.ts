import { request } from "../raw/client.ts";

/** Bytes that are no request, or one with two meanings: what is wrong with them, the bytes, and the status. */
export type Refused = readonly [what: string, bytes: string, status: number];

const TARGET = "/TOKEN";
const CHUNKED = "Transfer-Encoding: chunked";
const BODY = "5\r\nhello\r\n0\r\n\r\n";

function post(fields: readonly string[], body: string): string {
  return request("POST", TARGET, fields, body);
}

function get(...fields: readonly string[]): string {
  return request("GET", TARGET, fields);
}

function group(what: string, status: number, all: readonly (readonly [string, string])[]): Refused[] {
  return all.map(([name, bytes]) => [`${what}: ${name}`, bytes, status]);
}

/** Two lengths: one reader believes the first, another the second. */
export const TWO_LENGTHS: readonly Refused[] = group("two lengths", 400, [
  ["CL, TE", post(["Content-Length: 4", CHUNKED], BODY)],
  ["TE, CL", post([CHUNKED, "Content-Length: 4"], BODY)],
  ["CL, TE, CL", post(["Content-Length: 4", CHUNKED, "Content-Length: 4"], BODY)],
  ["CL 0, TE", post(["Content-Length: 0", CHUNKED], BODY)],
  ["CL that is right, TE", post([`Content-Length: ${BODY.length}`, CHUNKED], BODY)],
  ["CL, TE with a field between them", post(["Content-Length: 4", "X-A: b", CHUNKED], BODY)],
  ["names in lower case", post(["content-length: 4", "transfer-encoding: chunked"], BODY)],
  ["names in upper case", post(["CONTENT-LENGTH: 4", "TRANSFER-ENCODING: CHUNKED"], BODY)],
  ["CL, TE that is not chunked", post(["Content-Length: 5", "Transfer-Encoding: identity"], "hello")],
  [
    "CL in the fields of Connection, TE",
    post(["Connection: content-length", "Content-Length: 4", CHUNKED], BODY),
  ],
  ["TE twice", post([CHUNKED, CHUNKED], BODY)],
  ["TE twice, the second another", post([CHUNKED, "Transfer-Encoding: identity"], BODY)],
  ["TE twice, the first empty", post(["Transfer-Encoding:", CHUNKED], BODY)],
  ["TE in HTTP/1.0", `POST ${TARGET} HTTP/1.0\r\nHost: lb.test\r\n${CHUNKED}\r\n\r\n${BODY}`],
  ["CL and TE in HTTP/1.0", `POST ${TARGET} HTTP/1.0\r\nContent-Length: 4\r\n${CHUNKED}\r\n\r\n${BODY}`],
  ["the same CL twice", post(["Content-Length: 5", "Content-Length: 5"], "hello")],
  ["two CL", post(["Content-Length: 5", "Content-Length: 0"], "hello")],
  ["two CL, the other way round", post(["Content-Length: 0", "Content-Length: 5"], "hello")],
  ["the same CL with a zero before it", post(["Content-Length: 5", "Content-Length: 05"], "hello")],
]);

const codings: readonly (readonly [string, string])[] = [
  "xchunked",
  "chunkedx",
  "chunked,",
  "chunked, gzip",
  "identity",
  "gzip",
  "chunked;q=1",
  "chunked ; q=1",
  '"chunked"',
  "\tchunked",
  "chunked\t",
  " \tchunked",
  "\vchunked",
  "chunked\v",
  "\fchunked",
  "chunked\0",
  "\x01chunked",
  "chun\u00adked",
  "chunk ed",
  "chunke\u00f0",
  "",
  "\r\n chunked",
  "\r\n\tchunked",
  "chunked\r\n ,identity",
  "\nchunked",
  "\rchunked",
].map((value) => [JSON.stringify(value), post([`Transfer-Encoding: ${value}`], BODY)]);

/** Codings that one reader takes for `chunked`, and another for none or for unknown. */
export const CODINGS: readonly Refused[] = [
  ...group("a coding that is not quite chunked", 400, codings),
  ...group(
    "a coding before chunked",
    501,
    [
      "gzip, chunked",
      "chunked, chunked",
      "identity, chunked",
      ",chunked",
      "x chunked",
      "gzip;q=1, chunked",
    ].map((value) => [value, post([`Transfer-Encoding: ${value}`], BODY)]),
  ),
  ...group(
    "a coding in a field that is none",
    400,
    [
      "Transfer-Encoding : chunked",
      "Transfer-Encoding\t: chunked",
      " Transfer-Encoding: chunked",
      "\tTransfer-Encoding: chunked",
      "Transfer-Encoding\0: chunked",
      "\0Transfer-Encoding: chunked",
      "\u00efTransfer-Encoding: chunked",
      "Transfer Encoding: chunked",
      "Transfer-Encoding\r\n: chunked",
      "X-A: b\rTransfer-Encoding: chunked",
      "X-A: b\nTransfer-Encoding: chunked",
      "X-A: b\r\r\nTransfer-Encoding: chunked",
      "X-A: b\n\rTransfer-Encoding: chunked",
      "X-A: b\n\nTransfer-Encoding: chunked",
      "X-A: b\r\n Transfer-Encoding: chunked",
    ].map((line) => [JSON.stringify(line), post(["Content-Length: 4", line], BODY)]),
  ),
];

/** Lengths that one reader takes for a number, and another for another or for none. */
export const LENGTHS: readonly Refused[] = [
  ...group(
    "a length that is not quite one",
    400,
    [
      "+5",
      "-5",
      "--5",
      "5, 5",
      "5,5",
      "5, 6",
      "5;",
      "5 5",
      "5.",
      "5.0",
      "5e0",
      "0x5",
      "5h",
      "five",
      "",
      "\t5",
      "5\t",
      "5\v",
      "\v5",
      "5\0",
      "5\r\n 0",
      "\r\n 5",
      "5\n",
      "\u0665",
      "\u00b2",
      '"5"',
    ].map((value) => [JSON.stringify(value), post([`Content-Length: ${value}`], "hello")]),
  ),
  ...group(
    "a length that nobody can count",
    413,
    ["9007199254740992", "18446744073709551621", "4294967296000000000005", `${"9".repeat(400)}`].map(
      (value) => [value.slice(0, 24), post([`Content-Length: ${value}`], "hello")],
    ),
  ),
  ...group(
    "a length in a field that is none",
    400,
    [
      "Content-Length : 5",
      "Content-Length\t: 5",
      " Content-Length: 5",
      "Content-Length\r\n : 5",
      "Content Length: 5",
    ].map((line) => [JSON.stringify(line), post([line], "hello")]),
  ),
];

/** Hosts that one reader routes to one place, and another to another. */
export const HOSTS: readonly Refused[] = group("a Host", 400, [
  ["twice", get("Host: other.test")],
  ["twice the same", get("Host: lb.test")],
  ["twice in other letters", get("hOST: lb.test")],
  ["not at all", `GET ${TARGET} HTTP/1.1\r\nX-A: b\r\n\r\n`],
  ...[
    "",
    "lb.test, other.test",
    "lb.test other.test",
    "a@lb.test",
    "lb.test/x",
    "lb.test?x",
    "lb.test#x",
  ].map((host): [string, string] => [`"${host}"`, `GET ${TARGET} HTTP/1.1\r\nHost: ${host}\r\n\r\n`]),
  ...["lb.test\\x", ":80", "lb\ttest", "\0lb.test", "lb.test\x7f"].map((host): [string, string] => [
    JSON.stringify(host),
    `GET ${TARGET} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ]),
  ["that is not the target's", `GET http://other.test${TARGET} HTTP/1.1\r\nHost: lb.test\r\n\r\n`],
  ["that has another port", `GET http://lb.test:81${TARGET} HTTP/1.1\r\nHost: lb.test\r\n\r\n`],
  ["beside a user in the target", `GET http://a@lb.test${TARGET} HTTP/1.1\r\nHost: lb.test\r\n\r\n`],
  ["beside a target of https", `GET https://lb.test${TARGET} HTTP/1.1\r\nHost: lb.test\r\n\r\n`],
  ["beside a target without one", `GET http://${TARGET} HTTP/1.1\r\nHost: lb.test\r\n\r\n`],
  ["beside an absolute target, but missing", `GET http://lb.test${TARGET} HTTP/1.1\r\n\r\n`],
  ["in a folded line", `GET ${TARGET} HTTP/1.1\r\nX-A: b\r\n Host: other.test\r\nHost: lb.test\r\n\r\n`],
]);
