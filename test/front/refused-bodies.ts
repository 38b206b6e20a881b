import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";

const { headBytes, extensionBytes } = DEFAULT_LIMITS;

/** A chunked body that is none: what is wrong, how much of it is right, what follows that, and the status. */
export type RefusedBody = readonly [what: string, right: string, wrong: string, status: number];

/** Sizes of chunks that one reader takes for a number, and another for another or for none. */
const sizes: readonly RefusedBody[] = [
  ["0x", "0", "x5\r\nhello\r\n0\r\n\r\n", 400],
  ["a plus", "", "+5\r\nhello\r\n0\r\n\r\n", 400],
  ["a minus", "", "-5\r\nhello\r\n0\r\n\r\n", 400],
  ["minus zero", "", "-0\r\n\r\n", 400],
  ["a space before it", "", " 5\r\nhello\r\n0\r\n\r\n", 400],
  ["a tab before it", "", "\t5\r\nhello\r\n0\r\n\r\n", 400],
  ["a space behind it", "5 ", "\r\nhello\r\n0\r\n\r\n", 400],
  ["a tab behind it", "5\t", "\r\nhello\r\n0\r\n\r\n", 400],
  ["a space within it", "1 ", "0\r\nhellohellohello!\r\n0\r\n\r\n", 400],
  ["nothing", "", "\r\nhello\r\n0\r\n\r\n", 400],
  ["nothing but an extension", "", ";a=b\r\nhello\r\n0\r\n\r\n", 400],
  ["no hexadecimal", "", "g\r\nhello\r\n0\r\n\r\n", 400],
  ["something behind the digits", "5", "_0\r\nhello\r\n0\r\n\r\n", 400],
  ["a comma", "5", ",5\r\nhello\r\n0\r\n\r\n", 400],
  ["a NUL", "5", "\0\r\nhello\r\n0\r\n\r\n", 400],
  ["quoted", "", '"5"\r\nhello\r\n0\r\n\r\n', 400],
  ["beyond ASCII", "", "\xb5\r\nhello\r\n0\r\n\r\n", 400],
  ["17 digits", "0000000000000000", "5\r\nhello\r\n0\r\n\r\n", 413],
  ["2^53", "2000000000000", "0\r\nhello\r\n0\r\n\r\n", 413],
  ["2^64 and 5", "1000000000000000", "5\r\nhello\r\n0\r\n\r\n", 413],
  ["2^64 less 1", "fffffffffffff", "fff\r\nhello\r\n0\r\n\r\n", 413],
];

/** What ends a line in one reader's eyes, and in another's does not. */
const lines: readonly RefusedBody[] = [
  ["LF behind a size", "5", "\nhello\r\n0\r\n\r\n", 400],
  ["CR behind a size", "5\r", "hello\r\n0\r\n\r\n", 400],
  ["CR CR LF behind a size", "5\r", "\r\nhello\r\n0\r\n\r\n", 400],
  ["LF CR behind a size", "5", "\n\rhello\r\n0\r\n\r\n", 400],
  ["LF in an extension", "5;a", "\nhello\r\n0\r\n\r\n", 400],
  ["CR in an extension", "5;a\r", "b\r\nhello\r\n0\r\n\r\n", 400],
  ["LF in a quoted extension", '5;a="', '\n"\r\nhello\r\n0\r\n\r\n', 400],
  ["NUL in an extension", "5;a", "\0\r\nhello\r\n0\r\n\r\n", 400],
  ["DEL in an extension", "5;a", "\x7f\r\nhello\r\n0\r\n\r\n", 400],
  ["LF behind the data", "5\r\nhello", "\n0\r\n\r\n", 400],
  ["CR behind the data", "5\r\nhello\r", "0\r\n\r\n", 400],
  ["nothing behind the data", "5\r\nhello", "0\r\n\r\n", 400],
  ["one byte more than the size", "5\r\nhello", "!\r\n0\r\n\r\n", 400],
  ["one byte less than the size", "6\r\nhello\r", "\n0\r\n\r\n", 400],
  ["two bytes less than the size", "7\r\nhello\r\n", "0\r\n\r\n", 400],
  ["an empty line between chunks", "5\r\nhello\r\n", "\r\n0\r\n\r\n", 400],
  ["LF behind the last size", "5\r\nhello\r\n0", "\n\r\n", 400],
];

/** Trailers are fields like others. Nothing of them passes before all of them are right. */
const trailers: readonly RefusedBody[] = [
  ["LF alone as the empty line", "0\r\n", "\n", 400],
  ["CR alone as the empty line", "0\r\n", "\rx", 400],
  ["LF behind a field", "0\r\n", "X-T: 1\n\r\n", 400],
  ["CR within a field", "0\r\n", "X-T: 1\r2\r\n\r\n", 400],
  ["no colon", "0\r\n", "GET /smuggled-TOKEN HTTP/1.1\r\n\r\n", 400],
  ["a space before the colon", "0\r\n", "X-T : 1\r\n\r\n", 400],
  ["a fold", "0\r\n", "X-T: 1\r\n 2\r\n\r\n", 400],
  ["a fold of nothing", "0\r\n", " \r\n\r\n", 400],
  ["a NUL", "0\r\n", "X-T: \0\r\n\r\n", 400],
];

/** What is longer than anybody needs. */
const long: readonly RefusedBody[] = [
  ["an extension", `5;${"x".repeat(extensionBytes - 1)}`, "x\r\nhello\r\n0\r\n\r\n", 413],
  [
    "all extensions together",
    `1;${"x".repeat(15)}\r\na\r\n`.repeat(extensionBytes / 16),
    "1;x\r\na\r\n0\r\n\r\n",
    413,
  ],
  ["trailers", "0\r\n", `${`X-T: ${"x".repeat(1017)}\r\n`.repeat(headBytes / 1024)}\r\n`, 431],
];

/** Every chunked body that is none. */
export const REFUSED_BODIES: readonly RefusedBody[] = [
  ...sizes.map(named("a size")),
  ...lines.map(named("a line")),
  ...trailers.map(named("a trailer section")),
  ...long.map(named("too long")),
];

function named(group: string): (body: RefusedBody) => RefusedBody {
  return ([what, ...rest]) => [`${group}: ${what}`, ...rest];
}
