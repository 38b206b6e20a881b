import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Backend } from "../../../src/core/backend.ts";
import { HASH_BALANCE_FACTOR, hashing } from "../../../src/core/picking/hashing.ts";
import { keyHash } from "../../../src/core/picking/key-hash.ts";
import type { Picker } from "../../../src/core/picking/picker.ts";
import { seededRandom } from "../../../src/core/random.ts";
import { countPicks, upBackends } from "../../simulation/sample-backends.ts";
import { isByChance } from "./chi-squared.ts";
import { Pool } from "./pool.ts";
import { countedReads } from "./reads.ts";

const KEYS = Array.from({ length: 20_000 }, (_, index) => `/path/${index}?q=${index * 7}`);

function hashed(members: readonly Backend[], factor = HASH_BALANCE_FACTOR, seed = 1): Picker {
  const picker = hashing("uri", seededRandom(seed), factor);
  picker.rebuild(members, members);
  return picker;
}

function homesOf(picker: Picker): Backend[] {
  return KEYS.map((key) => picker.pick(key, 0, []));
}

/** The part of the keys whose backend has changed. */
function movedPart(before: readonly Backend[], after: readonly Backend[]): number {
  return before.filter((home, index) => home !== after[index]).length / before.length;
}

test("the same key goes to the same backend, in any balancer, whatever the order of the backends", () => {
  const members = upBackends([1, 2, 3, 4, 5]);
  const homes = homesOf(hashed(members));
  expect(homesOf(hashed(members, HASH_BALANCE_FACTOR, 99))).toEqual(homes);
  expect(homesOf(hashed([...members].reverse()))).toEqual(homes);
});

test.each([
  ["five alike", [1, 1, 1, 1, 1]],
  ["5, 3, 1, 1", [5, 3, 1, 1]],
  ["a hundred alike", new Array<number>(100).fill(1)],
] as const)("%s: keys are spread as the weights say", (_, weights) => {
  const members = upBackends(weights);
  expect(isByChance(countPicks(members, homesOf(hashed(members))), weights)).toBe(true);
});

test.each([2, 3, 10, 100, 1_000])(
  "one of %d goes out: its keys move, no other does, and all come home",
  (count) => {
    const members = upBackends(new Array<number>(count).fill(1));
    const picker = hashed(members);
    const homes = homesOf(picker);
    const out = members[count >> 1] as Backend;
    picker.rebuild(
      members.filter((backend) => backend !== out),
      members,
    );
    const away = homesOf(picker);
    expect(homes.filter((home, index) => home !== away[index])).toEqual(homes.filter((home) => home === out));
    expect(movedPart(homes, away)).toBeLessThanOrEqual(1.2 / count + 0.002);
    // The others share them.
    const heirs = away.filter((_, index) => homes[index] === out);
    const others = members.filter((backend) => backend !== out);
    expect(
      isByChance(countPicks(others, heirs), new Array<number>(others.length).fill(1)) || count === 2,
    ).toBe(true);
    picker.rebuild(members, members);
    expect(homesOf(picker)).toEqual(homes);
  },
);

test("any flapping: a key is away only while its backend is out", () => {
  const members = upBackends([4, 3, 2, 1, 1, 1, 2, 3]);
  const picker = hashed(members);
  const homes = homesOf(picker);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 255 }), fc.nat({ max: KEYS.length - 1 }), (mask, index) => {
      const ready = members.filter((_, place) => (mask & (1 << place)) !== 0);
      picker.rebuild(ready, members);
      const home = homes[index] as Backend;
      const picked = picker.pick(KEYS[index] as string, 0, []);
      expect(ready).toContain(picked);
      if (ready.includes(home)) expect(picked).toBe(home);
      expect(picker.pick(KEYS[index] as string, 0, [])).toBe(picked);
    }),
  );
});

test.each([0.5, 0.9, 0.99])("with %d of a thousand out the others share the keys alike", (part) => {
  const members = upBackends(new Array<number>(1_000).fill(1));
  const picker = hashed(members);
  const ready = members.filter((_, index) => index >= part * 1_000);
  picker.rebuild(ready, members);
  const counts = countPicks(ready, homesOf(picker));
  expect(isByChance(counts, new Array<number>(ready.length).fill(1))).toBe(true);
});

test("with nearly all out, a key still goes to one and the same", () => {
  const members = upBackends(new Array<number>(2_000).fill(1));
  const picker = hashed(members);
  const ready = members.slice(0, 2);
  picker.rebuild(ready, members);
  const homes = homesOf(picker);
  expect(homesOf(picker)).toEqual(homes);
  for (const count of countPicks(ready, homes)) expect(count).toBeGreaterThan(KEYS.length / 3);
});

test("another tier has keys of its own, and the first gets its own back", () => {
  const members = upBackends([1, 1, 1, 1, 1, 1]);
  for (const backend of members.slice(3)) backend.tier = 1;
  const picker = hashing("uri", seededRandom(1), HASH_BALANCE_FACTOR);
  picker.rebuild(members.slice(0, 3), members);
  const homes = homesOf(picker);
  picker.rebuild(members.slice(3), members);
  const spare = homesOf(picker);
  expect(isByChance(countPicks(members.slice(3), spare), [1, 1, 1])).toBe(true);
  picker.rebuild(members.slice(0, 3), members);
  expect(homesOf(picker)).toEqual(homes);
});

test("a new membership moves few keys", () => {
  const members = upBackends(new Array<number>(10).fill(1));
  const picker = hashed(members);
  const homes = homesOf(picker);
  const less = members.slice(0, 9);
  picker.rebuild(less, less);
  expect(movedPart(homes, homesOf(picker))).toBeLessThanOrEqual(0.12);
  const again = [...members];
  picker.rebuild(again, again);
  expect(homesOf(picker)).toEqual(homes);
});

test("a retry goes to where the key would go next, the same each time", () => {
  const members = upBackends([1, 1, 1, 1]);
  const picker = hashed(members);
  for (const key of KEYS.slice(0, 200)) {
    const tried: Backend[] = [];
    for (let attempt = 0; attempt < members.length; attempt++) {
      const picked = picker.pick(key, 0, tried);
      expect(picker.pick(key, 0, tried)).toBe(picked);
      expect(tried).not.toContain(picked);
      tried.push(picked);
    }
    expect(members).toContain(picker.pick(key, 0, tried));
    // It is where the key would go if the first were out.
    picker.rebuild(
      members.filter((backend) => backend !== tried[0]),
      members,
    );
    expect(picker.pick(key, 0, [])).toBe(tried[1] as Backend);
    picker.rebuild(members, members);
  }
});

test("no backend ever has more than the factor allows, under one hot key or many", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 300 }),
      fc.double({ min: 1.05, max: 4, noNaN: true }),
      fc.nat({ max: 4095 }),
      (weights, steps, factor, outMask) => {
        const members = upBackends(weights);
        const pool = new Pool(hashing("uri", seededRandom(2), factor), members);
        const up = members.filter((_, index) => (outMask & (1 << index)) === 0);
        const ready = up.length === 0 ? members : up;
        pool.become(ready, members);
        const weight = ready.reduce((sum, backend) => sum + backend.weight, 0);
        for (const step of steps) {
          if (step === 0) {
            pool.endOldest();
            continue;
          }
          const picked = pool.request(step === 3 ? `key ${pool.inFlight}` : "hot");
          const share = (pool.inFlight * picked.weight) / weight;
          expect(picked.inFlight).toBeLessThanOrEqual(Math.ceil(factor * share));
        }
      },
    ),
    { numRuns: 30 },
  );
});

test("what is under way at a backend that went out does not count among those that are ready", () => {
  const members = upBackends([1, 1, 1]);
  const pool = new Pool(hashing("uri", seededRandom(1), 1.25), members);
  for (let count = 0; count < 300; count++) pool.request(`key ${count}`);
  const ready = members.slice(1);
  pool.become(ready, members);
  for (let count = 0; count < 90; count++) {
    const underWay = ready.reduce((sum, { inFlight }) => sum + inFlight, 0) + 1;
    const picked = pool.request("hot");
    expect(picked.inFlight).toBeLessThanOrEqual(Math.ceil((1.25 * underWay) / 2));
  }
  while (pool.endOldest() !== undefined);
  expect(pool.request("hot")).toBe(pool.picker.pick("hot", 0, []));
});

test("without a limit a hot key stays where it is", () => {
  const members = upBackends([1, 1, 1, 1]);
  const pool = new Pool(hashing("uri", seededRandom(1), Number.POSITIVE_INFINITY), members);
  const home = pool.request("hot");
  for (let count = 0; count < 500; count++) expect(pool.request("hot")).toBe(home);
});

test("one hot key among 10,000 backends does not make a pick look at them all", () => {
  const { backends, reads } = countedReads(upBackends(new Array<number>(10_000).fill(1)));
  const pool = new Pool(hashing("uri", seededRandom(1), 1.25), backends);
  let most = 0;
  for (let count = 0; count < 12_000; count++) {
    const before = reads();
    pool.request("hot");
    most = Math.max(most, reads() - before);
  }
  expect(Math.max(...backends.map(({ inFlight }) => inFlight))).toBe(2);
  // Two fields of each of 256 in the key's order, and then of some that are drawn.
  expect(most).toBeLessThan(800);
});

test("a change of health makes no new table", () => {
  const { backends, reads } = countedReads(upBackends(new Array<number>(1_000).fill(1)));
  const picker = hashed(backends);
  const before = reads();
  picker.rebuild(backends.slice(1), backends);
  // Some fields of each are looked at, but no names are compared and hashed.
  expect(reads() - before).toBeLessThan(6 * backends.length);
});

test("a request without a key goes to the less busy of two", () => {
  const members = upBackends([1, 1]);
  const picker = hashed(members);
  (members[0] as Backend).inFlight = 3;
  for (let count = 0; count < 20; count++) expect(picker.pick("", 0, [])).toBe(members[1] as Backend);
});

test("the hash of a key is the same for ever, or an upgrade would move all keys", () => {
  // FNV-1a and fmix32 worked out from their definitions in another language's exact integers.
  expect([keyHash(""), keyHash("a"), keyHash("/path?query"), keyHash("a", 1)]).toEqual([
    2_872_998_923, 444_641_715, 2_113_579_265, 3_873_127_206,
  ]);
});

test("keys that differ in one character are spread evenly", () => {
  const cells = new Array<number>(64).fill(0);
  for (let index = 0; index < 64_000; index++) {
    const cell = keyHash(`10.0.${index >> 8}.${index & 255}`) % 64;
    cells[cell] = (cells[cell] as number) + 1;
  }
  expect(isByChance(cells, new Array<number>(64).fill(1))).toBe(true);
});
