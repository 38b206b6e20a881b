import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { chosenCoding } from "../../src/middleware/accept-encoding.ts";

const OFFERED = ["zstd", "br", "gzip"] as const;
type Offered = (typeof OFFERED)[number];

describe("the coding that a client is answered in", () => {
  test.each<[string | null, Offered | undefined]>([
    [null, undefined],
    ["", undefined],
    ["gzip", "gzip"],
    ["GZIP", "gzip"],
    ["x-gzip", "gzip"],
    ["gzip, deflate, br, zstd", "zstd"],
    ["gzip;q=1.0, br;q=0.9", "gzip"],
    ["gzip ; q=0.5 , br ; Q=0.6", "br"],
    ["*", "zstd"],
    ["*;q=0.1", "zstd"],
    ["*, zstd;q=0", "br"],
    ["*;q=0.5, gzip;q=1", "gzip"],
    ["*;q=0", undefined],
    ["gzip;q=0", undefined],
    ["gzip;q=0.000", undefined],
    ["gzip;q=0.001", "gzip"],
    ["identity", undefined],
    ["identity, gzip", "gzip"],
    ["identity;q=1, gzip;q=0.5", undefined],
    ["identity;q=0.5, gzip;q=0.5", "gzip"],
    ["identity;q=0, gzip;q=0.001", "gzip"],
    ["identity;q=0", undefined],
    ["deflate", undefined],
    ["gzip;q=2", undefined],
    ["gzip;q=-1", undefined],
    ["gzip;q=0.1234", undefined],
    ["gzip;q=", undefined],
    ["gzip;level=1", undefined],
    ["gzip;q=1;q=0", undefined],
    [", ,gzip,,", "gzip"],
    ["gzipped, brr", undefined],
    [`${"a,".repeat(32)}gzip`, undefined],
  ])("%s: %s", (field, coding) => {
    expect(chosenCoding(field, OFFERED)).toBe(coding);
  });
});

/** The rule, without regard to how a field is written: of what is taken, the most wanted, the first of equals. */
function byRule(weights: ReadonlyMap<string, number>): Offered | undefined {
  const of = (coding: string, otherwise: number) => weights.get(coding) ?? weights.get("*") ?? otherwise;
  const identity = of("identity", 0);
  const taken = OFFERED.filter((coding) => of(coding, 0) > 0 && of(coding, 0) >= identity);
  return taken.toSorted((a, b) => of(b, 0) - of(a, 0))[0];
}

describe("whatever a client writes", () => {
  const spaces = fc.constantFrom("", " ", "\t", "  ");
  const preference = fc.record({
    coding: fc.constantFrom("gzip", "br", "zstd", "identity", "*", "deflate", "compress"),
    thousandths: fc.integer({ min: 0, max: 1000 }),
    isUpper: fc.boolean(),
    space: spaces,
  });
  const preferences = fc.uniqueArray(preference, { selector: ({ coding }) => coding });

  test("the weights decide, to the thousandth", () => {
    fc.assert(
      fc.property(preferences, (given) => {
        const elements = given.map(({ coding, thousandths, isUpper, space }) => {
          const weight = thousandths === 1000 ? "1.000" : `0.${String(thousandths).padStart(3, "0")}`;
          return `${space}${isUpper ? coding.toUpperCase() : coding}${space};${space}q=${weight}${space}`;
        });
        const weights = new Map(given.map(({ coding, thousandths }) => [coding, thousandths]));
        expect(chosenCoding(elements.join(","), OFFERED)).toBe(byRule(weights));
      }),
      { numRuns: 2_000 },
    );
  });

  test("nothing is chosen that was not offered, and nothing throws", () => {
    const likely = fc.stringMatching(/^(?:gzip|br|[;=,.q01* \tA-z-]){0,60}$/);
    fc.assert(
      fc.property(fc.oneof(likely, fc.string()), (field) => {
        expect([undefined, "br", "gzip"]).toContain(chosenCoding(field, ["br", "gzip"]));
      }),
      { numRuns: 2_000 },
    );
  });
});
