import fc from "fast-check";

/** Text as the bytes of a message: a byte for each character. */
export function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** The same bytes cut at these places, in order; places beyond the end count from the start again. */
export function cut(whole: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [...new Set(places.map((place) => place % (whole.length + 1)))].sort((a, b) => a - b);
  const ends = [...sorted, whole.length];
  return ends.map((end, index) => whole.slice(index === 0 ? 0 : (ends[index - 1] as number), end));
}

/** Where to cut. */
export const places: fc.Arbitrary<number[]> = fc.oneof(
  fc.array(fc.nat(2_000), { maxLength: 12 }),
  // Every byte by itself.
  fc.constant(Array.from({ length: 2_000 }, (_, index) => index)),
);

const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("\r\n", "\r\n\r\n", ": ", ":", " ", "HTTP/1.1 200 OK\r\n", "a: b\r\n"),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "Content-Length: 5\r\n",
      "Transfer-Encoding: chunked\r\n",
      "0\r\n\r\n",
      "5\r\nhello\r\n",
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom("\r", "\n", "\t", "\0", "\x7f", ";", ",", "\xff", "GET / HTTP/1.1\r\n"),
  },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme-ascii", maxLength: 8 }) },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 6 }).map((noise) => Buffer.from(noise).toString("latin1")),
  },
);

/** Bytes that are nearly a message: made of its parts, in any order, and of noise. */
export const nearlyHttp: fc.Arbitrary<Uint8Array> = fc
  .array(piece, { maxLength: 20 })
  .chain((parts) =>
    fc.constantFrom(parts, ["HTTP/1.1 200 OK\r\n", ...parts], ["HTTP/1.1 200 OK\r\n", ...parts, "\r\n"]),
  )
  .map((parts) => bytes(parts.join("")));
