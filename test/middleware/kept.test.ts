import { expect, test } from "bun:test";
import { Kept } from "../../src/middleware/kept.ts";
import { settled } from "../simulation/virtual-clock.ts";

test("a thing is kept under its name for as long as anything uses it, and no longer", async () => {
  const kept = new Kept();
  const used = kept.of("used", () => ({ name: "first" }));
  expect(kept.of("used", () => ({ name: "second" }))).toBe(used);
  for (let thing = 0; thing < 1_000; thing++) kept.of(`${thing}`, () => ({}));
  await settled();
  Bun.gc(true);
  // The next one that is asked for finds them gone; a collector that looks at the stack may miss a few.
  kept.of("another", () => ({}));
  expect(kept.size).toBeLessThan(100);
  expect(kept.of("used", () => ({ name: "third" }))).toBe(used);
});
