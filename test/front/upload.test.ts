import { expect, test } from "bun:test";
import fc from "fast-check";
import { Upload } from "../../src/front/upload.ts";
import { BodyDecoder } from "../../src/http1/body-decoder.ts";
import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";

/** As many as are kept unless something else is said. */
const REPLAY_LIMIT_BYTES = 65_536;

/** An upload of so many bytes, and what reads on in it. */
function uploadOf(length: number, replayLimitBytes = REPLAY_LIMIT_BYTES) {
  const decoder = new BodyDecoder(DEFAULT_LIMITS);
  decoder.begin(length);
  const upload = new Upload(replayLimitBytes);
  upload.begin();
  let at = 0;
  const read = (bytes: number) => {
    const piece = Uint8Array.from({ length: Math.min(bytes, length - at) }, () => at++ % 251);
    if (piece.length > 0) upload.read(decoder, piece, 0);
  };
  return { upload, read };
}

/** How many pieces it holds. They are all taken then. */
function pieces(upload: Upload): number {
  upload.restart();
  let count = 0;
  for (; upload.next !== undefined && count < 100_000; count++) upload.take();
  return count;
}

test("gives every byte once and in order, and after a restart again from the first", () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 30_000 }));
  const step = fc.oneof(
    fc.record({ kind: fc.constant("read" as const), size }),
    fc.record({ kind: fc.constantFrom("take" as const, "restart" as const), size: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.nat(200_000), fc.array(step, { maxLength: 200 }), (length, steps) => {
      const { upload, read } = uploadOf(length);
      let sent = 0;
      const take = () => {
        const piece = upload.next;
        if (piece === undefined) return;
        upload.take();
        for (const byte of piece) if (byte !== sent++ % 251) throw new Error(`byte ${sent} is another one`);
      };
      for (const { kind, size } of steps) {
        if (kind === "read") read(size);
        else if (kind === "take") take();
        else if (upload.replayable) {
          upload.restart();
          sent = 0;
        }
      }
      read(length);
      while (upload.next !== undefined) take();
      expect([sent, upload.isSent]).toEqual([length, true]);
    }),
  );
});

test("keeps no more bytes than its limit, and no more than so many pieces of them", () => {
  const large = uploadOf(1 << 20);
  for (let count = 0; count < REPLAY_LIMIT_BYTES / 1_024; count++) {
    large.read(1_024);
    large.upload.take();
  }
  expect(large.upload.replayable).toBe(true);
  large.read(1_024);
  large.upload.take();
  expect([large.upload.replayable, pieces(large.upload)]).toEqual([false, 0]);

  const slow = uploadOf(1 << 20);
  for (let count = 0; count < 60_000; count++) {
    slow.read(1);
    slow.upload.take();
  }
  expect([slow.upload.replayable, pieces(slow.upload)]).toEqual([false, 0]);
});

test("is kept in more pieces where more of it may be kept, and not where less may be", () => {
  for (const [replayLimitBytes, pieceBytes, mostPieces] of [
    [1_048_576, 64, 16_384],
    [1_048_576, 32, 16_384],
    [30_000, 1, 1_024],
  ] as const) {
    const { upload, read } = uploadOf(10_000_000, replayLimitBytes);
    for (let count = 0; count < mostPieces; count++) read(pieceBytes);
    expect(upload.replayable).toBe(true);
    read(pieceBytes);
    expect(upload.replayable).toBe(false);
  }
});
