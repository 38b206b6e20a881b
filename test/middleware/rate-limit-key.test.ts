import { expect, test } from "bun:test";
import fc from "fast-check";
import type { RequestContext } from "../../src/middleware/middleware.ts";
import { networkOf, type RateLimitKey, rateLimitKey } from "../../src/middleware/rate-limit-key.ts";

test("a network is the same however its addresses are spelt, and another one is another", () => {
  const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
  const spelt = (parts: readonly number[]) => parts.map((part) => part.toString(16)).join(":");
  fc.assert(
    fc.property(groups, groups, fc.integer({ min: 16, max: 128 }), (one, other, bits) => {
      const binary = (parts: readonly number[]) =>
        parts.map((part) => part.toString(2).padStart(16, "0")).join("");
      fc.pre(one.slice(0, 5).some((part) => part !== 0) && other.slice(0, 5).some((part) => part !== 0));
      const mixed = [...one.slice(0, bits >> 4), ...other.slice(bits >> 4)];
      fc.pre(mixed.slice(0, 5).some((part) => part !== 0));
      const isSame = binary(one).slice(0, bits) === binary(mixed).slice(0, bits);
      expect(networkOf(spelt(one), bits) === networkOf(spelt(mixed), bits)).toBe(isSame);
      expect(networkOf(spelt(one).toUpperCase(), bits)).toBe(networkOf(spelt(one), bits));
    }),
  );
  expect(networkOf("2001:db8::1", 64)).toBe(networkOf("2001:0db8:0:0:ffff::%eth0", 64));
  expect(networkOf("::ffff:1.2.3.4", 64)).toBe(networkOf("1.2.3.4", 64));
  expect(networkOf("not: an address", 64)).toBe("not: an address");
});

test("what a function gives as a key is a text or nothing, or its fault: a promise would be one key for everybody", () => {
  const context = {} as RequestContext;
  const keyOf = (given: unknown) => () =>
    rateLimitKey((() => given) as RateLimitKey, 64)(new Request("http://lb/"), context);
  expect([keyOf("a")(), keyOf("")(), keyOf(undefined)()]).toEqual(["a", "", undefined]);
  expect(keyOf(null)).toThrow("a rate limit's key is null, expected a string");
  expect(keyOf(7)).toThrow("a rate limit's key is a number, expected a string");
  expect(keyOf(Promise.resolve("a"))).toThrow(
    "a rate limit's key is a promise or an object, expected a string",
  );
});
