/** Whatever stands in a config, it is taken, or refused in sentences: nothing else is thrown. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { resolveConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/config/problem.ts";
import { entriesOf, type Node } from "../docs/schema-node.ts";
import { TYPE_FILES } from "../docs/type-files.ts";

const SCHEMAS: readonly Node[] = Object.values(TYPE_FILES).flat();
const KEYS = [...new Set(SCHEMAS.flatMap((schema) => Object.keys(entriesOf(schema) ?? {})))];

/** What is right somewhere, and what looks like it. */
const LIKELY = [
  0,
  1,
  2,
  50,
  1_000,
  -1,
  1.5,
  true,
  false,
  null,
  "",
  "/up",
  "auto",
  "ip",
  "cookie",
  "header:x-user",
  "GET",
  "200-299,404",
  "10.0.0.0/8",
  "http://a:1",
  "http://b:2;weight=3;drain",
  "unix:/run/app.sock",
  "connect",
  503,
  {},
  [],
] as const;

const likely = fc.constantFrom(...LIKELY);
const keyed = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { arbitrary: likely, weight: 6 },
    { arbitrary: fc.array(tie("value"), { maxLength: 3 }), weight: 2 },
    { arbitrary: tie("object"), weight: 4 },
    {
      arbitrary: fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withMap: true }),
      weight: 1,
    },
  ),
  object: fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), fc.string({ maxLength: 4 })), tie("value"), {
    maxKeys: 6,
  }),
})).object;

/** Whether it was taken. */
function isTaken(config: unknown): boolean {
  try {
    const { pools } = resolveConfig(config as object);
    expect(pools.size).toBeGreaterThan(0);
    for (const pool of pools.values()) expect(pool.backends.length).toBeGreaterThan(0);
    return true;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    const sentences = error.message.split("\n");
    expect(sentences).toHaveLength(error.problems.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[^ ].*: .*(?:expected |but |did you mean )/);
    const told = error.problems.map(({ path, message }) => JSON.stringify([path, message]));
    expect(new Set(told).size).toBe(told.length);
    return false;
  }
}

test("any value at all", () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.anything()), (config) => void isTaken(config)),
    { numRuns: 1_000 },
  );
});

test("the keys that there are, with any values", () => {
  fc.assert(
    fc.property(keyed, (config) => void isTaken(config)),
    { numRuns: 3_000 },
  );
});

test("a config that is right but for one value", () => {
  const right = {
    backends: ["http://a:1"],
    pools: { api: { backends: [{ url: "http://b:1" }] } },
    routes: [{ pool: "api" }],
  };
  let taken = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...KEYS),
      fc.oneof(likely, fc.jsonValue()),
      fc.boolean(),
      (key, value, isInPool) => {
        const config = isInPool
          ? { ...right, pools: { api: { ...right.pools.api, [key]: value } } }
          : { ...right, [key]: value };
        if (isTaken(config)) taken += 1;
      },
    ),
    { numRuns: 3_000 },
  );
  // Both ends of the property are met.
  expect(taken).toBeGreaterThan(0);
});
