import { expect, test } from "bun:test";
import fc from "fast-check";
import { KeyHash } from "../../src/rate-limit/key-hash.ts";

/**
 * HalfSipHash-2-4 with 64 bits of output, from the reference implementation (CC0): the hashes of 0, 2, 4, … bytes
 * 00 01 02 … under the key 00 … 07, in hexadecimal.
 */
const VECTORS = [
  "218d1f59b9b83cc8",
  "064f39ef7c50eb57",
  "d5e78a175be52ea1",
  "ce3e91358aa2bc25",
  "edfee820bce4858c",
  "95b0469f06a6f2ee",
  "7bc71f9faef5c799",
  "3bb1a870eae8e658",
  "7336aad25f7bf3b5",
  "c9b2db2b9a3e42f9",
  "1bf52b0a6feea7db",
  "e20103fa1ba776ef",
  "70741045ae3fa6f1",
  "0d899ed8112923f0",
  "2d925ffb1e0016b5",
  "291aaf864898179d",
  "28709d46d811626c",
  "8324e4d7528f9830",
  "86d67a40ec4276dc",
  "cbd92ee724d42109",
  "5b38c81c67c8ae4c",
  "a91a52c025327024",
  "1e30f3ad27dcb15a",
  "495c0f995557dc38",
  "a9eaa8c04ba93e3e",
  "912d568fd8f65a49",
  "02445a7998f550e1",
  "359569e7d289e3bc",
  "a1a492f942f15f1d",
  "5d1b5ea1b231d89d",
  "d6762890bf26e460",
  "f90b3ab572d46693",
];

const bytesOf = (number: number) => [0, 8, 16, 24].map((shift) => (number >>> shift) & 0xff);

function hashed(hash: KeyHash, text: string): string {
  hash.hash(text);
  return [...bytesOf(hash.low), ...bytesOf(hash.high)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

test("is HalfSipHash over the text's units, the low byte first", () => {
  const hash = new KeyHash([0x03020100, 0x07060504]);
  for (const [index, expected] of VECTORS.entries()) {
    const units = Array.from({ length: index }, (_, unit) => (unit * 2) | ((unit * 2 + 1) << 8));
    expect(hashed(hash, String.fromCharCode(...units))).toBe(expected);
  }
});

test("depends on the secret and the whole text alone", () => {
  const [one, same, other] = [new KeyHash([1, 2]), new KeyHash([1, 2]), new KeyHash([1, 3])];
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      const hashOfA = hashed(one, a);
      expect(hashed(same, a)).toBe(hashOfA);
      expect(hashed(other, a)).not.toBe(hashOfA);
      expect(hashed(one, b) === hashOfA).toBe(a === b);
    }),
  );
});
