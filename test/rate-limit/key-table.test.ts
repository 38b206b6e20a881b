import { expect, test } from "bun:test";
import fc from "fast-check";
import { KeyTable } from "../../src/rate-limit/key-table.ts";

const MAX_KEYS = 12;

/** Few low halves, so that homes fall together and runs go round the table's end. */
const KEY = fc.record({ low: fc.oneof(fc.nat(3), fc.integer({ min: 28, max: 33 })), high: fc.nat(20) });

test("knows every key by its entry, whatever was added and replaced", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(KEY, fc.nat(MAX_KEYS - 1)), { maxLength: 80 }), (steps) => {
      const table = new KeyTable(MAX_KEYS);
      const entries = new Map<string, number>();
      const keys: string[] = [];
      for (const [{ low, high }, victim] of steps) {
        const key = `${low} ${high}`;
        if (entries.has(key)) continue;
        if (table.size < MAX_KEYS) {
          const entry = table.add(low, high);
          expect(entry).toBe(entries.size);
          entries.set(key, entry);
          keys[entry] = key;
        } else {
          table.replace(victim, low, high);
          entries.delete(keys[victim] ?? "");
          entries.set(key, victim);
          keys[victim] = key;
        }
        for (const [{ low, high }] of steps) {
          expect(table.find(low, high)).toBe(entries.get(`${low} ${high}`) ?? -1);
        }
        expect(table.size).toBe(entries.size);
      }
    }),
  );
});

test("does not slow down or lose anything where all its keys have been replaced many times", () => {
  const table = new KeyTable(100);
  for (let key = 0; key < 100; key++) table.add(key, 0);
  for (let key = 100; key < 20_000; key++) table.replace(key % 100, Math.imul(key, 0x9e3779b1) >>> 0, key);
  for (let key = 19_900; key < 20_000; key++) {
    expect(table.find(Math.imul(key, 0x9e3779b1) >>> 0, key)).toBe(key % 100);
  }
  expect(table.find(5, 0)).toBe(-1);
});
