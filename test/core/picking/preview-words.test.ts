/** What pickers say of their choice, to be read by people. */
import { describe, expect, test } from "bun:test";
import type { Backend } from "../../../src/core/backend.ts";
import { type Algorithm, createPicker } from "../../../src/core/picking/index.ts";
import type { ForeseeablePicker } from "../../../src/core/picking/picker.ts";
import { seededRandom } from "../../../src/core/random.ts";
import { upBackends } from "../../simulation/sample-backends.ts";
import { Pool } from "./pool.ts";

function pickerOf(name: Algorithm): ForeseeablePicker {
  return createPicker(name, {}, seededRandom(1), (reason) => {
    throw new Error(reason);
  });
}

describe("in words", () => {
  function forecastOf(name: Algorithm, prepare: (members: Backend[], pool: Pool) => void, key = "") {
    const members = upBackends([2, 1, 1]);
    const picker = pickerOf(name);
    const pool = new Pool(picker, members);
    prepare(members, pool);
    const { rule, prospects } = picker.preview().next(key, pool.nowMs, []);
    return { rule, told: prospects.map(({ chance, score, reason }) => [chance, score, reason]) };
  }

  test("round robin says whose turn is when", () => {
    expect(forecastOf("round-robin", (_, pool) => pool.request())).toEqual({
      rule: "each in turn, as often as its weight says",
      told: [
        [0, "after 1 other", "it is another's turn"],
        [1, "next", "it is its turn"],
        [0, "after 2 others", "it is another's turn"],
      ],
    });
  });

  test("round robin does not look for ever", () => {
    const members = upBackends([1, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000]);
    const picker = pickerOf("round-robin");
    picker.rebuild(members, members);
    while (picker.pick("", 0, []) !== members[0]);
    const { prospects } = picker.preview().next("", 0, []);
    const lightest = prospects.find(({ backend }) => backend === members[0]);
    expect(lightest?.score).toBe("after more than 10000 others");
  });

  test("least connections compares fractions, and says whose turn it is among equals", () => {
    const told = forecastOf("least-connections", (_, pool) => {
      for (let request = 0; request < 5; request++) pool.request();
    });
    expect(told.rule).toBe(
      "the fewest requests under way for its weight, and of those alike whose turn it is",
    );
    expect(told.told.map(([chance, score]) => [chance, score])).toContainEqual([1, "1/1 = 1"]);
    expect(told.told).toContainEqual([0, "3/2 = 1.5", "more for its weight"]);
    expect(forecastOf("least-connections", () => {}).told).toEqual([
      [1, "0/2 = 0", "none has fewer, and it is its turn"],
      [0, "0/1 = 0", "as few, but it is another's turn"],
      [0, "0/1 = 0", "as few, but it is another's turn"],
    ]);
  });

  test("first says who comes before", () => {
    expect(forecastOf("first", () => {}).told).toEqual([
      [1, "place 1", "the first in the order given"],
      [0, "place 2", "http://10.0.0.0:80 comes before it"],
      [0, "place 3", "http://10.0.0.0:80 comes before it"],
    ]);
  });

  test("random says the weights", () => {
    expect(forecastOf("random", () => {}).told).toEqual([
      [0.5, "weight 2 of 4", "by chance"],
      [0.25, "weight 1 of 4", "by chance"],
      [0.25, "weight 1 of 4", "by chance"],
    ]);
  });

  test("power of two says the loads, and that the busiest has no chance", () => {
    const { told } = forecastOf("power-of-two", (members) => {
      (members[0] as Backend).inFlight = 3;
    });
    expect(told).toEqual([
      [0, "3/2 = 1.5", "every other one has less"],
      [0.5, "0/1 = 0", "by chance: if it is drawn, and the other one has no less"],
      [0.5, "0/1 = 0", "by chance: if it is drawn, and the other one has no less"],
    ]);
  });

  test("peak EWMA says the latencies, and what is not known", () => {
    const { told } = forecastOf("peak-ewma", (members, pool) => {
      const [first, second] = members as [Backend, Backend];
      pool.answers(first, 40);
      first.inFlight = 3;
      second.inFlight = 1;
    });
    expect(told.map(([, score]) => score)).toEqual([
      "40 ms × (3/2 + 1) = 100 ms",
      "not known yet, 1 under way: more than any",
      "not known yet = 0 ms",
    ]);
  });

  test("a hash says the key's entry and the room of each, and why a key has moved on", () => {
    const members = upBackends([1, 1, 1]);
    const picker = pickerOf("ip-hash");
    picker.rebuild(members, members);
    const { rule, prospects } = picker.preview().next("10.0.0.1", 0, []);
    const home = prospects.find(({ chance }) => chance === 1)?.backend as Backend;
    expect(rule).toMatch(
      /^the key "10\.0\.0\.1" names entry \d+ of 65537 in a table by weight, which is http/,
    );
    expect(rule).toEndWith(`${home.origin}'s`);
    expect(prospects.map(({ score }) => score)).toEqual(Array(3).fill("0 under way, room below 0.4167"));
    expect(prospects.filter(({ reason }) => reason === "not the key's")).toHaveLength(2);
    home.inFlight = 5;
    picker.begun?.(home);
    const busy = picker.preview().next("10.0.0.1", 0, []).prospects;
    expect(busy.find(({ backend }) => backend === home)?.reason).toBe("the key's own, but too busy");
    const next = busy.find(({ chance }) => chance === 1);
    expect(next?.reason).toBe(`the next on the key's way, since its own, ${home.origin}, is too busy`);
    picker.rebuild(
      members.filter((backend) => backend !== home),
      members,
    );
    const out = picker.preview().next("10.0.0.1", 0, []).prospects;
    expect(out.find(({ chance }) => chance === 1)?.reason).toEndWith(`its own, ${home.origin}, is out`);
  });

  test("a hash shows no more than the beginning of a key, and says so of a request without one", () => {
    const { rule } = forecastOf("cookie:sid", () => {}, "x".repeat(500));
    expect(rule).toStartWith(`the key "${"x".repeat(60)}…" names entry `);
    expect(forecastOf("cookie:sid", () => {}).rule).toStartWith("the request has no key, so two are drawn");
  });
});
