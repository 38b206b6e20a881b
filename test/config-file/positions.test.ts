import { expect, test } from "bun:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { readConfigFile } from "../../src/config-file/index.ts";
import { TestFolder } from "./folder.ts";
import { tomlText } from "./toml-text.ts";

type Value = string | number | boolean | Value[] | { [key: string]: Value };
type Shape = "text" | "number" | Shape[] | { readonly fields: readonly Shape[] };

const folder = new TestFolder();

/** Shapes of values; each key and scalar in them is then given a text that stands nowhere else. */
const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constant<Shape>("text"),
    fc.constant<Shape>("number"),
    fc.array(tie("shape"), { maxLength: 4 }),
    fc.record({ fields: fc.array(tie("shape"), { maxLength: 4 }) }),
  ),
}));
const objectShape = fc.record({ fields: fc.array(shape, { minLength: 1, maxLength: 5 }) });

function filledIn(shape: Shape): { value: Value; paths: (string | number)[][] } {
  let count = 100_000;
  const paths: (string | number)[][] = [];
  return { value: fill(shape, []), paths };

  function fill(of: Shape, path: (string | number)[]): Value {
    paths.push(path);
    count += 1;
    if (of === "text") return `text${count}`;
    if (of === "number") return count;
    if (Array.isArray(of)) return of.map((item, index) => fill(item, [...path, index]));
    const { fields } = of as { fields: readonly Shape[] };
    return Object.fromEntries(
      fields.map((field) => {
        count += 1;
        const key = `key${count}`;
        return [key, fill(field, [...path, key])];
      }),
    );
  }
}

const yamlStyle = fc.record({
  indent: fc.integer({ min: 1, max: 8 }),
  indentSeq: fc.boolean(),
  collectionStyle: fc.constantFrom("any" as const, "flow" as const),
  defaultStringType: fc.constantFrom("PLAIN" as const, "QUOTE_SINGLE" as const, "QUOTE_DOUBLE" as const),
  defaultKeyType: fc.constantFrom("PLAIN" as const, "QUOTE_DOUBLE" as const),
  lineWidth: fc.constantFrom(0, 20, 80),
});

async function holds(extension: string, text: string, value: Value, paths: (string | number)[][]) {
  const source = await readConfigFile(folder.write(`random.${extension}`, text), {});
  expect(source.value).toEqual(value);
  const lines = text.split("\n");
  for (const path of paths) {
    const { line, column } = source.where(path, "value") as { line: number; column: number };
    const own = path.reduce((of: Value, key) => (of as Record<string, Value>)[key] as Value, value);
    if (typeof own !== "object") {
      expect(lines[line - 1]?.slice(column - 1).replace(/^["']/, "")).toStartWith(String(own));
    }
    const key = path.at(-1);
    if (typeof key !== "string") continue;
    const place = source.where(path, "key") as { line: number; column: number };
    const rest = lines[place.line - 1]?.slice(place.column - 1) as string;
    expect(rest.replace(/^["']/, "")).toMatch(new RegExp(`^${key}\\b`));
    const before = lines[place.line - 1]?.slice(0, place.column - 1) as string;
    expect(before).not.toMatch(/["']$/);
  }
}

test("every key and value of random YAML is where it says", async () => {
  await fc.assert(
    fc.asyncProperty(objectShape, yamlStyle, async (shape, style) => {
      const { value, paths } = filledIn(shape);
      await holds("yaml", stringify(value, style), value, paths);
    }),
    { numRuns: 300 },
  );
});

test("every key and value of random JSON is where it says", async () => {
  await fc.assert(
    fc.asyncProperty(objectShape, fc.integer({ min: 0, max: 4 }), async (shape, indent) => {
      const { value, paths } = filledIn(shape);
      await holds("json", JSON.stringify(value, undefined, indent), value, paths);
    }),
    { numRuns: 300 },
  );
});

test("every key and value of random TOML is where it says", async () => {
  await fc.assert(
    fc.asyncProperty(
      objectShape,
      fc.array(fc.nat(2), { minLength: 1, maxLength: 20 }),
      async (shape, styles) => {
        const { value, paths } = filledIn(shape);
        await holds("toml", tomlText(value as Record<string, Value>, styles), value, paths);
      },
    ),
    { numRuns: 300 },
  );
});

const string = fc.string({ unit: "grapheme", maxLength: 20 });
const anything = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    string,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(string, tie("value"), { maxKeys: 4 }),
  ),
})).value;

/** `${` means a variable, unless it is written so. Keys are left as they are. */
function escaped(value: Value): Value {
  if (typeof value === "string") return value.replaceAll("${", "$${");
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, escaped(of)]));
}

test("whatever strings hold, each format gives back what was written", async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(string, anything), async (value) => {
      const written = escaped(value);
      const texts = {
        yaml: stringify(written),
        json: JSON.stringify(written),
        toml: tomlText(written as Record<string, Value>, [0, 1, 2]),
      };
      for (const [extension, text] of Object.entries(texts)) {
        const source = await readConfigFile(folder.write(`any.${extension}`, text), {});
        expect({ extension, value: source.value }).toEqual({ extension, value });
      }
    }),
    { numRuns: 300 },
  );
});
