import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Backend } from "../../src/core/backend.ts";
import { Lanes } from "../../src/core/lanes.ts";
import { roundRobin } from "../../src/core/picking/round-robin.ts";
import { upBackends } from "../simulation/sample-backends.ts";

/** Lanes of one backend each. */
function setUp(shares: readonly number[]) {
  const members = upBackends(shares.map(() => 1));
  const lanes = new Lanes(roundRobin);
  const rebuild = (shares: readonly number[]) => {
    lanes.rebuild(
      shares.flatMap((share, tier) =>
        share > 0 ? [{ tier, backends: [members[tier] as Backend], share }] : [],
      ),
      members,
    );
  };
  rebuild(shares);
  return { members, lanes, rebuild };
}

const anyShares = fc
  .array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.map((part) => part / parts.reduce((sum, each) => sum + each, 0)));

test("at no time has any tier had a whole request more than its share", () => {
  fc.assert(
    fc.property(anyShares, fc.integer({ min: 1, max: 400 }), (shares, requests) => {
      const { members, lanes } = setUp(shares);
      const counts = shares.map(() => 0);
      for (let count = 1; count <= requests; count++) {
        const index = members.indexOf(lanes.draw("", 0, []) as Backend);
        counts[index] = (counts[index] as number) + 1;
        for (const [tier, share] of shares.entries()) {
          expect((counts[tier] as number) - share * count).toBeLessThan(1 + 1e-9);
        }
      }
    }),
  );
});

test("a small share gets its requests however often the pickers are made anew", () => {
  const { members, lanes, rebuild } = setUp([0.95, 0.05]);
  let spilt = 0;
  for (let count = 0; count < 200; count++) {
    if (lanes.draw("", 0, []) === members[1]) spilt += 1;
    rebuild([0.95, 0.05]);
  }
  expect(spilt).toBe(10);
});

test("a key stays in its tier, and keys are split by the shares", () => {
  const { members, lanes, rebuild } = setUp([0.7, 0.3]);
  const keys = Array.from({ length: 2_000 }, (_, index) => `client-${index}`);
  const before = keys.map((key) => lanes.draw(key, 0, []));
  rebuild([0.7, 0.3]);
  expect(keys.map((key) => lanes.draw(key, 0, []))).toEqual(before);
  const spilt = before.filter((backend) => backend === members[1]).length;
  // The hash is the same everywhere, so this is no matter of luck: five standard deviations.
  expect(Math.abs(spilt - 600)).toBeLessThan(5 * Math.sqrt(2_000 * 0.7 * 0.3));
  rebuild([0.6, 0.4]);
  const moved = keys.filter(
    (key, index) => before[index] === members[1] && lanes.draw(key, 0, []) === members[0],
  );
  expect(moved).toEqual([]);
});

test("a tier that gets nothing any more goes on where it was when it returns", () => {
  const members = upBackends([1, 1, 1]);
  const lanes = new Lanes(roundRobin);
  const first = { tier: 0, backends: members, share: 1 };
  const second = { tier: 1, backends: members.slice(0, 1), share: 1 };
  lanes.rebuild([first], members);
  expect([lanes.draw("", 0, []), lanes.draw("", 0, [])]).toEqual(members.slice(0, 2));
  lanes.rebuild([second], members);
  expect(lanes.draw("", 0, [])).toBe(members[0] as Backend);
  lanes.rebuild([first], members);
  expect(lanes.draw("", 0, [])).toBe(members[2] as Backend);
  lanes.rebuild([], members);
  expect(lanes.draw("", 0, [])).toBeUndefined();
});

test("and meanwhile holds on to none of its backends", () => {
  const members = upBackends([1, 1]);
  const told: (readonly Backend[])[][] = [];
  const lanes = new Lanes(() => {
    const own: (readonly Backend[])[] = [];
    told.push(own);
    const picker = roundRobin();
    return {
      rebuild(ready, all) {
        own.push(ready);
        picker.rebuild(ready, all);
      },
      pick: (key, nowMs, avoid) => picker.pick(key, nowMs, avoid),
    };
  });
  lanes.rebuild([{ tier: 0, backends: members, share: 1 }], members);
  lanes.rebuild([{ tier: 1, backends: members, share: 1 }], members);
  lanes.rebuild([{ tier: 1, backends: members, share: 1 }], members);
  expect(told).toEqual([
    [members, []],
    [members, members],
  ]);
});

test("each picker is told of what begins and ends in its tier, also while another one is in use", () => {
  const [a, b] = upBackends([1, 1]) as [Backend, Backend];
  b.tier = 1;
  const told: string[][] = [];
  const lanes = new Lanes(() => {
    const own: string[] = [];
    told.push(own);
    return {
      rebuild() {},
      pick: () => a,
      begun: ({ id }) => own.push(`begun ${id}`),
      ended: ({ id }) => own.push(`ended ${id}`),
    };
  });
  const first = { tier: 0, backends: [a], share: 1 };
  const second = { tier: 1, backends: [b], share: 1 };
  lanes.rebuild([first], [a, b]);
  lanes.begun(a);
  lanes.rebuild([second], [a, b]);
  lanes.begun(b);
  lanes.ended(a);
  lanes.rebuild(
    [
      { ...first, share: 0.5 },
      { ...second, share: 0.5 },
    ],
    [a, b],
  );
  lanes.ended(b);
  expect(told).toEqual([
    [`begun ${a.id}`, `ended ${a.id}`],
    [`begun ${b.id}`, `ended ${b.id}`],
  ]);
});

test("what is wanted as a key is known before there is any backend", () => {
  const lanes = new Lanes(() => ({
    keySource: "ip",
    rebuild() {},
    pick: () => upBackends([1])[0] as Backend,
  }));
  expect(lanes.keySource).toBe("ip");
});
