import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { BodyDecoder } from "../../src/http1/body-decoder.ts";
import { CHUNKED, UNTIL_CLOSE } from "../../src/http1/framing.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/http1/limits.ts";
import { Malformed } from "../../src/http1/malformed.ts";
import { chunkOf, LAST_CHUNK } from "../../src/http1/request-writer.ts";
import { bytes, cut, places } from "./pieces.ts";

/** Reads a body that comes in these pieces, and says all there is to say of it. */
function read(length: number, pieces: readonly Uint8Array[], limits: Limits = DEFAULT_LIMITS): unknown {
  const decoder = new BodyDecoder(limits);
  decoder.begin(length);
  const data: Buffer[] = [];
  let before = 0;
  try {
    for (const piece of pieces) {
      let at = 0;
      while (at < piece.length && !decoder.isDone) {
        const next = decoder.advance(piece, at);
        if (next <= at) throw new Error("no progress");
        if (next > piece.length || decoder.dataEnd > next) throw new Error("read past the end");
        data.push(Buffer.from(piece.subarray(decoder.dataStart, decoder.dataEnd)));
        at = next;
      }
      before += at;
      if (decoder.isDone) break;
    }
    return { read: before, data: Buffer.concat(data).toString("latin1"), isDone: decoder.isDone };
  } catch (error) {
    // What came before the mistake is the same too, as far as the last piece that was read.
    if (error instanceof Malformed) return error.message;
    throw error;
  }
}

describe("a chunked body", () => {
  test("is its data, without sizes, extensions and trailers", () => {
    const text = '5;a=b\r\nhello\r\n006 ; c="d;e"\r\n world\r\n0\r\nTrailer: x\r\n\r\n';
    expect(read(CHUNKED, [bytes(`${text}HTTP/1.1`)])).toEqual({
      read: text.length,
      data: "hello world",
      isDone: true,
    });
  });

  const refused: [text: string, reason: string][] = [
    ["\r\n", "a chunk has no size"],
    [";a\r\n", "a chunk has no size"],
    ["g\r\n", "a chunk has no size"],
    ["-5\r\n", "a chunk has no size"],
    ["+5\r\n", "a chunk has no size"],
    ["0x5\r\n", "a chunk's size is not a hexadecimal number"],
    ["5 \r\nhello", "a chunk's size is not a hexadecimal number"],
    ["5\nhello", "a chunk's size is not a hexadecimal number"],
    ["5\rhello", "a chunk's size is not followed by CRLF"],
    ["5;a\nhello", "a chunk extension has a control byte"],
    ["5;a\0\r\n", "a chunk extension has a control byte"],
    ["5\r\nhelloX", "a chunk's data is not followed by CRLF"],
    ["5\r\nhello\n", "a chunk's data is not followed by CRLF"],
    ["5\r\nhello\rX", "a chunk's data is not followed by CRLF"],
    ["ffffffffffffffff\r\n", "a chunk is too large"],
    ["20000000000000\r\n", "a chunk is too large"],
    ["00000000000000005\r\n", "a chunk is too large"],
    ["0\r\nBad Trailer\r\n\r\n", "a field's name is followed by white space"],
    ["0\r\n folded\r\n\r\n", "a field is folded"],
  ];
  for (const [text, reason] of refused) {
    test(`${JSON.stringify(text)} is refused: ${reason}`, () => {
      expect(read(CHUNKED, [bytes(text)])).toBe(reason);
    });
  }

  test("the largest size that can be counted passes", () => {
    expect(read(CHUNKED, [bytes("1fffffffffffff\r\nabc")])).toMatchObject({ data: "abc", isDone: false });
  });

  test("extensions are limited for the whole message", () => {
    const limits = { ...DEFAULT_LIMITS, extensionBytes: 100 };
    const chunk = (size: number) => `1;${"x".repeat(size - 1)}\r\na\r\n`;
    expect(read(CHUNKED, [bytes(`${chunk(50)}${chunk(50)}`)], limits)).toMatchObject({ data: "aa" });
    expect(read(CHUNKED, [bytes(`${chunk(50)}${chunk(51)}`)], limits)).toBe(
      "the chunk extensions are too long",
    );
  });

  test("trailers have the limits of a head", () => {
    const { fields } = DEFAULT_LIMITS;
    expect(read(CHUNKED, [bytes(`0\r\n${"a: b\r\n".repeat(fields + 1)}\r\n`)])).toBe(
      "the head has too many fields",
    );
  });

  test("that was written here is read as what it was, however it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 }),
        places,
        (chunks, at) => {
          const whole = new Uint8Array(Buffer.concat([...chunks.map(chunkOf), LAST_CHUNK]));
          const data = Buffer.concat(chunks).toString("latin1");
          expect(read(CHUNKED, cut(whole, at))).toEqual({ read: whole.length, data, isDone: true });
        },
      ),
    );
  });

  test("or what is nearly one is read in the same way however it is cut", () => {
    const part = fc.constantFrom(
      "5\r\nhello\r\n",
      "0\r\n",
      "\r\n",
      "a: b\r\n",
      ";x=y",
      "3",
      "A",
      "\r",
      "\n",
      " ",
      "abc",
      "\0",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), places, (parts, at) => {
        const whole = bytes(parts.join(""));
        expect(read(CHUNKED, cut(whole, at))).toEqual(read(CHUNKED, [whole]));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("another body", () => {
  test("of known length ends there, however it is cut", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(250), places, (whole, length, at) => {
        const data = Buffer.from(whole.subarray(0, length)).toString("latin1");
        const expected = { read: Math.min(length, whole.length), data, isDone: whole.length >= length };
        expect(read(length, cut(whole, at))).toEqual(expected);
      }),
    );
  });

  test("without a length is everything, and never done", () => {
    expect(read(UNTIL_CLOSE, [bytes("abc"), bytes("def")])).toEqual({
      read: 6,
      data: "abcdef",
      isDone: false,
    });
  });
});
