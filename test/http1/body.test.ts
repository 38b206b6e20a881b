import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { BodyDecoder } from "../../src/http1/body-decoder.ts";
import { CHUNKED, UNTIL_CLOSE } from "../../src/http1/framing.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/http1/limits.ts";
import { Malformed, MalformedKind } from "../../src/http1/malformed.ts";
import { chunkOf, LAST_CHUNK } from "../../src/http1/request-writer.ts";
import { bytes, cut, places } from "./pieces.ts";

interface Read {
  readonly read: number;
  readonly data: string;
  readonly isDone: boolean;
}

/** Reads a body that comes in these pieces, and says all there is to say of it. */
function read(length: number, pieces: readonly Uint8Array[], limits: Limits = DEFAULT_LIMITS): Read | string {
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

/** Passes a body on as it is, and says all there is to say of it. */
function pass(length: number, pieces: readonly Uint8Array[], limits: Limits = DEFAULT_LIMITS): unknown {
  const decoder = new BodyDecoder(limits);
  decoder.begin(length);
  const passed: Buffer[] = [];
  let before = 0;
  try {
    for (const piece of pieces) {
      let at = decoder.pass(piece, 0);
      passed.push(Buffer.from(piece.subarray(0, at)));
      if (at < piece.length && !decoder.isDone) {
        expect(decoder.isAtTrailers).toBe(true);
        at = decoder.readTrailers(piece, at);
      }
      before += at;
      if (decoder.isDone) break;
      expect(at).toBe(piece.length);
    }
    const { isDone, trailers } = decoder;
    const fields = Array.from({ length: trailers?.fieldCount ?? 0 }, (_, field) => [
      trailers?.name(field),
      trailers?.value(field),
    ]);
    return { read: before, passed: Buffer.concat(passed).toString("latin1"), isDone, fields };
  } catch (error) {
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

  test("tells what is too large from what is wrong", () => {
    const kindOf = (text: string) => {
      const decoder = new BodyDecoder(DEFAULT_LIMITS);
      decoder.begin(CHUNKED);
      const piece = bytes(text);
      try {
        decoder.readTrailers(piece, decoder.pass(piece, 0));
      } catch (error) {
        if (error instanceof Malformed) return error.kind;
      }
      return undefined;
    };
    expect(kindOf("ffffffffffffffff\r\n")).toBe(MalformedKind.bodyTooLarge);
    expect(kindOf(`1;${"x".repeat(DEFAULT_LIMITS.extensionBytes)}`)).toBe(MalformedKind.bodyTooLarge);
    expect(kindOf(`0\r\na: ${"x".repeat(DEFAULT_LIMITS.lineBytes)}`)).toBe(MalformedKind.headTooLarge);
    expect(kindOf("5\r\nhelloX")).toBe(MalformedKind.syntax);
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

  test("is passed on as it is, but for its trailers", () => {
    const chunks = '5;a=b\r\nhello\r\n006 ; c="d;e"\r\n world\r\n00\r\n';
    const trailers = "Trailer: x\r\nDigest:y\r\n\r\n";
    expect(pass(CHUNKED, [bytes(`${chunks}${trailers}HTTP/1.1`)])).toEqual({
      read: chunks.length + trailers.length,
      passed: chunks,
      isDone: true,
      fields: [
        ["Trailer", "x"],
        ["Digest", "y"],
      ],
    });
  });

  test("leaves no trailers behind for the next one", () => {
    const decoder = new BodyDecoder(DEFAULT_LIMITS);
    for (const [length, text, expected] of [
      [CHUNKED, "0\r\na: b\r\n\r\n", 1],
      [CHUNKED, "0\r\n\r\n", 0],
      [3, "abc", undefined],
    ] as const) {
      decoder.begin(length);
      const piece = bytes(text);
      decoder.readTrailers(piece, decoder.pass(piece, 0));
      expect(decoder.isDone).toBe(true);
      expect(decoder.trailers?.fieldCount).toBe(expected);
    }
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
        const expected = read(CHUNKED, [whole]);
        expect(read(CHUNKED, cut(whole, at))).toEqual(expected);
        const passed = pass(CHUNKED, [whole]);
        expect(pass(CHUNKED, cut(whole, at))).toEqual(passed);
        if (typeof expected === "string") expect(passed).toBe(expected);
        else expect(passed).toMatchObject({ read: expected.read, isDone: expected.isDone });
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
        const { data: passed, ...same } = expected;
        expect(pass(length, cut(whole, at))).toEqual({ ...same, passed, fields: [] });
      }),
    );
  });

  test("without a length is everything, and never done", () => {
    expect(pass(UNTIL_CLOSE, [bytes("abc"), bytes("def")])).toMatchObject({
      read: 6,
      passed: "abcdef",
      isDone: false,
    });
    expect(read(UNTIL_CLOSE, [bytes("abc"), bytes("def")])).toEqual({
      read: 6,
      data: "abcdef",
      isDone: false,
    });
  });
});
