import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { SplitKey } from "../../src/config/split.ts";
import { Split } from "../../src/routing/split.ts";
import { type RequestText, view } from "./routes.ts";

/** A split among parts that are called by their places. */
function splitOf(weights: readonly number[], by?: SplitKey): Split<number> {
  return new Split(
    weights.map((weight, to) => ({ to, weight })),
    by,
  );
}

function byAddress(split: Split<number>, clientAddress: string): number {
  return split.choose(view({ clientAddress }));
}

const ADDRESSES = Array.from({ length: 20_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);

/** How many of the addresses go from where to where, as `0>1`, when weights change. */
function movesOf(before: readonly number[], after: readonly number[]): Record<string, number> {
  const [first, second] = [splitOf(before, "ip"), splitOf(after, "ip")];
  const moves: Record<string, number> = {};
  for (const address of ADDRESSES) {
    const [from, to] = [byAddress(first, address), byAddress(second, address)];
    if (from !== to) moves[`${from}>${to}`] = (moves[`${from}>${to}`] ?? 0) + 1;
  }
  return moves;
}

const weights = fc
  .array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 6 })
  .filter((all) => all.some((weight) => weight > 0));

describe("a split without a key", () => {
  test("gives each part what is due to it at every moment, give or take less than one", () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 300 }), (weights, requests) => {
        const split = splitOf(weights);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const given = weights.map(() => 0);
        for (let request = 1; request <= requests; request++) {
          const to = split.choose(view());
          given[to] = (given[to] as number) + 1;
          for (const [part, weight] of weights.entries()) {
            const due = (request * weight) / total;
            expect(Math.abs((given[part] as number) - due)).toBeLessThan(1);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test.each<[SplitKey, RequestText, RequestText]>([
    ["ip", {}, { clientAddress: "10.0.0.1" }],
    ["header:X-User", { headers: { "x-user": "" } }, { headers: { "x-user": "u" } }],
    ["cookie:id", { headers: { cookie: "ID=u" } }, { headers: { cookie: "a=1; id=u" } }],
  ])("and one by %s does so with requests that have no key", (by, without, withKey) => {
    const split = splitOf([1, 1], by);
    const six = (request: RequestText) => Array.from({ length: 6 }, () => split.choose(view(request)));
    expect(six(without)).toEqual([0, 1, 0, 1, 0, 1]);
    expect(new Set(six(withKey)).size).toBe(1);
  });
});

describe("a split by a key", () => {
  test("gives a key to the same part each time, in every process", () => {
    fc.assert(
      fc.property(weights, fc.string({ minLength: 1 }), (weights, key) => {
        const part = byAddress(splitOf(weights, "ip"), key);
        expect(weights[part]).toBeGreaterThan(0);
        expect(byAddress(splitOf(weights, "ip"), key)).toBe(part);
      }),
    );
  });

  test("gives each part its share of the keys", () => {
    const split = splitOf([70, 20, 0, 10], "ip");
    const given = [0, 0, 0, 0];
    for (const address of ADDRESSES) {
      const to = byAddress(split, address);
      given[to] = (given[to] as number) + 1;
    }
    // Four standard deviations: what is due is 14,000, 4,000 and 2,000.
    for (const [part, due] of [14_000, 4_000, 0, 2_000].entries()) {
      const share = due / ADDRESSES.length;
      expect(Math.abs((given[part] as number) - due)).toBeLessThanOrEqual(
        4 * Math.sqrt(ADDRESSES.length * share * (1 - share)),
      );
    }
  });

  test("moves none but those that must when one of two gets more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }), (one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        const moves = movesOf([100 - less, less], [100 - more, more]);
        expect(Object.keys(moves)).toEqual(less === more ? [] : ["0>1"]);
        const due = ((more - less) / 100) * ADDRESSES.length;
        expect(Math.abs((moves["0>1"] ?? 0) - due)).toBeLessThanOrEqual(4 * Math.sqrt(ADDRESSES.length / 4));
        expect(Object.keys(movesOf([100 - more, more], [100 - less, less]))).toEqual(
          less === more ? [] : ["1>0"],
        );
      }),
      { numRuns: 30 },
    );
  });

  test("moves them between neighbours alone when those change among more than two", () => {
    expect(Object.keys(movesOf([60, 35, 5], [60, 30, 10]))).toEqual(["1>2"]);
    expect(Object.keys(movesOf([60, 30, 10], [55, 35, 10]))).toEqual(["0>1"]);
  });

  test("does not move a key for a new scale of the same shares", () => {
    expect(movesOf([95, 5], [950, 50])).toEqual({});
    expect(movesOf([2, 1, 0], [200, 100, 0])).toEqual({});
  });

  test("reads the key where it was told to", () => {
    const part = (by: SplitKey, request: RequestText) => splitOf([1, 1], by).choose(view(request));
    const keys = Array.from({ length: 16 }, (_, index) => `k${index}`);
    const byIp = keys.map((key) => part("ip", { clientAddress: key }));
    expect(new Set(byIp).size).toBe(2);
    expect(keys.map((key) => part("header:X-Key", { headers: { "x-key": key } }))).toEqual(byIp);
    expect(keys.map((key) => part("cookie:Key", { headers: { cookie: `a=1; Key=${key}` } }))).toEqual(byIp);
  });
});

test("a split with one part that gets anything gives it all", () => {
  fc.assert(
    fc.property(fc.constantFrom<SplitKey | undefined>(undefined, "ip"), fc.string(), (by, key) => {
      expect(byAddress(splitOf([0, 3, 0], by), key)).toBe(1);
    }),
  );
});

describe("an explanation of a split", () => {
  test("says beforehand where each request goes, and takes no turn", () => {
    fc.assert(
      fc.property(
        weights,
        fc.constantFrom<SplitKey | undefined>(undefined, "ip"),
        fc.array(fc.constantFrom("", "10.0.0.1", "10.0.0.2", "10.0.0.3"), { maxLength: 30 }),
        (weights, by, addresses) => {
          const split = splitOf(weights, by);
          for (const clientAddress of addresses) {
            const request = view({ clientAddress });
            const parts = split.explain(request);
            expect(split.explain(request)).toEqual(parts);
            const chosen = parts.filter(({ isChosen }) => isChosen).map(({ to }) => to);
            expect(chosen).toEqual([split.choose(request)]);
            expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test("says why, with no more than the beginning of a key", () => {
    const told = (split: Split<number>, clientAddress: string) =>
      split.explain(view({ clientAddress })).map(({ share, isChosen, reason }) => [share, isChosen, reason]);
    expect(told(splitOf([3, 1]), "")).toEqual([
      [0.75, true, "it is its turn"],
      [0.25, false, "it is another's turn"],
    ]);
    expect(told(splitOf([0, 2]), "")).toEqual([[1, true, "no other gets any"]]);
    const key = "k".repeat(100);
    const [first, second] = told(splitOf([1, 1], "ip"), key);
    expect([first?.[2], second?.[2]].sort()).toEqual([
      `the key "${"k".repeat(60)}…" falls in another's part`,
      `the key "${"k".repeat(60)}…" falls in its part`,
    ]);
  });
});
