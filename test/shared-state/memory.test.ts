import { expect, test } from "bun:test";
import type { RateRules } from "../../src/rate-limit/meter.ts";
import { MemoryState } from "../../src/shared-state/memory.ts";
import { settled } from "../simulation/virtual-clock.ts";

const RULES: RateRules = { algorithm: "token-bucket", requests: 1, windowMs: 1_000, burst: 1, maxKeys: 10 };

test("a limit that is asked for again goes on counting", () => {
  const state = new MemoryState();
  const limiter = state.rateLimiter("a", RULES);
  expect(limiter.take("k", 5_000)).toMatchObject({ isAllowed: true });
  expect(state.rateLimiter("a", { ...RULES })).toBe(limiter);
  expect(state.size).toBe(1);
});

test("limits of other names or numbers are others", () => {
  const state = new MemoryState();
  const limiters = [
    state.rateLimiter("a", RULES),
    state.rateLimiter("b", RULES),
    state.rateLimiter("a", { ...RULES, algorithm: "sliding-window" }),
    ...(["requests", "windowMs", "burst", "maxKeys"] as const).map((key) =>
      state.rateLimiter("a", { ...RULES, [key]: RULES[key] + 1 }),
    ),
  ];
  expect(new Set(limiters).size).toBe(7);
  expect(state.size).toBe(7);
  for (const limiter of limiters) expect(limiter.take("k", 5_000)).toMatchObject({ isAllowed: true });
});

test("does not keep limits that no config has any more", async () => {
  const state = new MemoryState();
  for (let name = 0; name < 500; name++) state.rateLimiter(String(name), RULES);
  const kept = state.rateLimiter("kept", RULES);
  await settled();
  Bun.gc(true);
  // The next one that is asked for finds them gone; a collector that looks at the stack may miss a few.
  state.rateLimiter("another", RULES);
  expect(state.size).toBeLessThan(50);
  expect(state.rateLimiter("kept", RULES)).toBe(kept);
});
