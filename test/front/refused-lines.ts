import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";
import type { Refused } from "./refused-heads.ts";

const { lineBytes, headBytes, fields } = DEFAULT_LIMITS;
const HOST = "Host: lb.test\r\n";

function x(count: number): string {
  return "x".repeat(count);
}

/** Lines that end in something else than CRLF, or have what no line may have. */
export const LINES: readonly Refused[] = (
  [
    ["bare LF after the request line", "GET /TOKEN HTTP/1.1\nHost: lb.test\r\n\r\n"],
    ["bare LF after a field", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\n\r\n"],
    ["bare LF everywhere", "GET /TOKEN HTTP/1.1\nHost: lb.test\n\n"],
    ["bare LF as the empty line", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\n\n"],
    ["bare LF in a target", "GET /TOKEN\n HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["bare CR after the request line", "GET /TOKEN HTTP/1.1\rHost: lb.test\r\n\r\n"],
    ["bare CR in the request line", "GET /TOKEN\r HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["bare CR in a value", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\nX-A: b\rc\r\n\r\n"],
    ["bare CR in a name", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\nX\r-A: b\r\n\r\n"],
    ["CR CR LF", "GET /TOKEN HTTP/1.1\r\r\nHost: lb.test\r\n\r\n"],
    ["CR CR LF as the empty line", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\r\n\r\n"],
    ["NUL in a method", "GE\0T /TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["NUL in a target", "GET /TOKEN\0 HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["NUL in a name", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\nX\0A: b\r\n\r\n"],
    ["NUL in a value", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\nX-A: b\0c\r\n\r\n"],
    ["DEL in a value", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\nX-A: b\x7fc\r\n\r\n"],
    ["a control byte in a value", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\nX-A: b\x01c\r\n\r\n"],
    ["a control byte in a target", "GET /TOKEN\x0b HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["a space before the colon", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\nX-A : b\r\n\r\n"],
    ["a tab before the colon", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\nX-A\t: b\r\n\r\n"],
    ["no name", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\n: b\r\n\r\n"],
    ["no colon", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\nX-A\r\n\r\n"],
    ["a name with a bracket", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\nX[A]: b\r\n\r\n"],
    ["a name beyond ASCII", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\nX-\xe4: b\r\n\r\n"],
    ["a folded line", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\nX-A: b\r\n c\r\n\r\n"],
    ["a line folded with a tab", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\nX-A: b\r\n\tc\r\n\r\n"],
    ["a folded first line", "GET /TOKEN HTTP/1.1\r\n X-A: b\r\nHost: lb.test\r\n\r\n"],
    ["a fold of nothing", "GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\n \r\n\r\n"],
    ["two spaces after the method", "GET  /TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["two spaces after the target", "GET /TOKEN  HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["a tab after the method", "GET\t/TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["a tab after the target", "GET /TOKEN\tHTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["a space in the target", "GET /TOKEN x HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["a space after the version", "GET /TOKEN HTTP/1.1 \r\nHost: lb.test\r\n\r\n"],
    ["a space before the method", " GET /TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["an LF before the method", "\nGET /TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["two empty lines before the method", "\r\n\r\nGET /TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["no target", "GET HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["a target that is no path", "GET TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["a target with a fragment", "GET /TOKEN#a HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["an asterisk that is not OPTIONS'", "GET * HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["a method that is no token", "G(T /TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["no method", "/TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["HTTP in lower case", "GET /TOKEN http/1.1\r\nHost: lb.test\r\n\r\n"],
    ["a version with two digits", "GET /TOKEN HTTP/1.10\r\nHost: lb.test\r\n\r\n"],
    ["a version with a zero before it", "GET /TOKEN HTTP/01.1\r\nHost: lb.test\r\n\r\n"],
    ["half a version", "GET /TOKEN HTTP/1.\r\nHost: lb.test\r\n\r\n"],
    ["a version without a slash", "GET /TOKEN HTTP1.1\r\nHost: lb.test\r\n\r\n"],
    ["a version with a comma", "GET /TOKEN HTTP/1,1\r\nHost: lb.test\r\n\r\n"],
    ["HTTP/0.9", "GET /TOKEN\r\n"],
    ["another protocol", "EHLO TOKEN\r\nMAIL FROM:<a@lb.test>\r\n"],
    [
      "a proxy's PROXY line",
      "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET /TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n",
    ],
    ["a TLS hello", `\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03${x(100)}`],
    ["CONNECT to no port", "CONNECT lb.test HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
    ["CONNECT to a path", "CONNECT /TOKEN HTTP/1.1\r\nHost: lb.test\r\n\r\n"],
  ] as const
).map(([what, bytes]) => [what, bytes, 400]);

/** Versions that are not ours. */
export const VERSIONS: readonly Refused[] = [
  ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", 505],
  ["HTTP/2.0 in a request line", `GET /TOKEN HTTP/2.0\r\n${HOST}\r\n`, 505],
  ["HTTP/3.0", `GET /TOKEN HTTP/3.0\r\n${HOST}\r\n`, 505],
  ["HTTP/0.9 by name", `GET /TOKEN HTTP/0.9\r\n${HOST}\r\n`, 505],
];

/** What is too long by one byte, or by one field. */
export const TOO_LONG: readonly Refused[] = [
  ["a request line", `GET /TOKEN${x(lineBytes - 20)} HTTP/1.1\r\n${HOST}\r\n`, 414],
  ["a request line that does not end", `GET /TOKEN${x(2 * lineBytes)}`, 414],
  ["a field", `GET /TOKEN HTTP/1.1\r\n${HOST}X-A: ${x(lineBytes - 6)}\r\n\r\n`, 431],
  ["a field that does not end", `GET /TOKEN HTTP/1.1\r\n${HOST}X-A: ${x(2 * lineBytes)}`, 431],
  ["a name that does not end", `GET /TOKEN HTTP/1.1\r\n${HOST}${x(2 * lineBytes)}`, 431],
  ["fields", `GET /TOKEN HTTP/1.1\r\n${HOST}${"a: b\r\n".repeat(fields)}\r\n`, 431],
  ["a head", `GET /TOKEN HTTP/1.1\r\n${HOST}${`X-A: ${x(1017)}\r\n`.repeat(headBytes / 1024)}\r\n`, 431],
  ["a head that does not end", `GET /TOKEN HTTP/1.1\r\n${HOST}${`X-A: ${x(1017)}\r\n`.repeat(100)}`, 431],
];
