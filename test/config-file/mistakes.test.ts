import { describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { MOST_BYTES } from "../../src/config-file/file-bytes.ts";
import { readConfigFile } from "../../src/config-file/index.ts";
import { errorOf } from "./error-of.ts";
import { TestFolder } from "./folder.ts";

const folder = new TestFolder();
type Broken = readonly (readonly [text: string, ...sentences: string[]])[];

const YAML: Broken = [
  ["a: 1\na: 2\n", '2:1: found the key "a" again, expected each key once'],
  ["'a b': 1\n\"a b\": 2\n", '2:1: found the key "a b" again, expected each key once'],
  ["a:\n\tb: 1\n", "2:1: found a tab, expected spaces before the line's first word"],
  ["a: [1, 2\nb: 3\n", '2:1: found "b", expected a comma or ], indented further than the key'],
  ["a: {x: 1\n", "2:1: found the end of the file, expected a comma or }, indented further than the key"],
  ["a: 'x\nb: 1", "2:5: found the end of the file, expected the quote that ends the string"],
  ["a: b: c\n", "1:4: found a second key in the line, expected one key and its value, or quotes"],
  ["- a\nb: 1\n", '2:1: found "b", expected the end of the value'],
  ["a: 1\n---\nb: 2\n", "2:1: found a second document, expected one"],
  [
    "a: *x\nb: *y\n",
    "1:4: found the alias *x, expected an anchor &x above it",
    "2:4: found the alias *y, expected an anchor &y above it",
  ],
  ["a: &x [*x]\n", "1:8: found the alias *x, expected an alias that is not within what it stands for"],
  ["a: @x\n", '1:4: found "@", expected a value in quotes, since no other may begin with this character'],
  ["a: !foo 1\n", "1:4: found the tag !foo, expected none, or one that fits the value"],
  ["a: !!binary aGk=\n", "1:4: found the tag !!binary, expected none, or one that fits the value"],
  ["[1]: 2\n", "1:1: found a key that is not a string, expected a word or a quoted string"],
  ['a: "\\q"\n', '1:5: found an escape that YAML does not have, expected one such as \\n, \\" or \\u00e9'],
  ["a\nb: 1\n", "1:1: found a word without a value, expected a colon after it"],
  ["a: |x\n  y\n", "1:5: found x, expected nothing but - or + and a digit after | or >"],
  ["a: >\n   b\n  c\n", '3:3: found "c", expected it as far from the margin as what it belongs with'],
  ["a:\n  - 1\n - 2\n", "3:2: found a list item, expected it to stand under the one above"],
  ["a: [1,,2]\n", "1:7: found a comma, expected a value before it"],
  ["a: - b\n", "1:4: found a list item, expected it in a line of its own"],
  ["a: &x &y 1\n", "1:7: found a second anchor, expected one"],
  ["<<: 1\n", "1:1: found a merge key with another value, expected an object or a list of objects after <<"],
  [
    "a: @1\nb: 1\nb: 2\nc: !d e\n",
    '1:4: found "@", expected a value in quotes, since no other may begin with this character',
    '3:1: found the key "b" again, expected each key once',
    "4:4: found the tag !d, expected none, or one that fits the value",
  ],
];

const JSON_: Broken = [
  ["", "1:1: found the end of the file, expected a value"],
  ["{", "1:2: found the end of the file, expected a key in double quotes"],
  ['{"a":1,\n"b":2,}', "2:6: found a comma before }, expected none after the last entry"],
  ['{"a" 1}', '1:6: found "1", expected a colon'],
  ["{a:1}", '1:2: found "a", expected a key in double quotes'],
  ["{'a':1}", `1:2: found "'", expected a key in double quotes`],
  [
    '// c\n{"a":1 /* x */, "b":[1,],\n"a":3}',
    "1:1: found a comment, expected none: JSON has no comments",
    "2:8: found a comment, expected none: JSON has no comments",
    "2:23: found a comma before ], expected none after the last entry",
    '3:1: found the key "a" again, expected each key once',
  ],
  ['"\\q"', '1:2: found "\\\\q", expected an escape that JSON has, such as \\n, \\" or \\u00e9'],
  ['{"a":"abc\n"}', "1:10: found the end of the line, expected a quote that ends the string from column 6"],
  ['"a\tb"', "1:3: found a tab, expected the escape of this character"],
  ["[01]", '1:2: found "01", expected a number as JSON writes it'],
  ["[-]", '1:2: found "-", expected a value'],
  ["NaN", '1:1: found "NaN", expected a value'],
  ["{}\n{}", '2:1: found "{", expected the end of the file'],
  ["[1 2]", '1:4: found "2", expected a comma or ]'],
  ['{"a":1 "b":2}', "1:8: found a quote, expected a comma or }"],
];

const TOML: Broken = [
  ["a = 1\na = 2", '2:1: found the key "a" again, expected each key once'],
  ["a = 1\n[a.b]", '2:2: found the key "a" again, expected each key once'],
  ["[a]\n[a]", '2:2: found the key "a" again, expected each key once'],
  ['a = "x', "1:7: found the end of the file, expected the quote that ends the string"],
  ["a = 'x\nb=1", "1:7: found the end of the line, expected the quote that ends the string"],
  ["a = [1, 2\nb = 1", '2:1: found "b", expected a comma or ]'],
  ["a = {x = 1", "1:11: found the end of the file, expected the } that ends the inline table"],
  ["a 1", '1:3: found "1", expected an equals sign after the key'],
  ["a =", "1:4: found the end of the file, expected a value"],
  ["a = 1 b = 2", '1:7: found "b", expected the end of the line'],
  ["= 1", '1:1: found "=", expected a key'],
  ["a = 01", '1:5: found "01", expected a number without leading zeros'],
  ["a = 1__0", '1:5: found "1__0", expected a digit on both sides of each underscore'],
  ["a = 2020-13-40", '1:5: found "2020-13-40", expected a date that there is'],
  ['a = "\\q"', '1:7: found "q", expected an escape that TOML has, such as \\n, \\" or \\u00E9'],
  ["a..b = 1", '1:2: found "..b", expected a key on both sides of each dot'],
  ["a = [1 2]", '1:8: found "2", expected a comma'],
  [
    "a = yes",
    '1:5: found "yes", expected a quoted string, a number, true, false, a date, a list or an inline table',
  ],
  ["a = 1\r\nb = 2\r\nb = 3", '3:1: found the key "b" again, expected each key once'],
];

for (const [extension, broken] of Object.entries({ yaml: YAML, json: JSON_, toml: TOML })) {
  test.each(broken.map(([text, ...sentences]) => [text, sentences] as const))(
    `${extension}: %j is told with its places`,
    async (text, sentences) => {
      const file = folder.write(`broken.${extension}`, text);
      const { message, files } = await errorOf(readConfigFile(file, {}));
      expect(message.replaceAll(`${file}:`, "").split("\n")).toEqual([...sentences]);
      expect(files).toEqual([file]);
    },
  );
}

describe("what is too much", () => {
  const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

  test.each(["yaml", "json", "toml"])("%s nested too deep is refused, however deep", async (extension) => {
    const wrap = (text: string) => (extension === "toml" ? `a = ${text}` : text);
    const fine = folder.write(`fine.${extension}`, wrap(deep(90)));
    expect((await readConfigFile(fine, {})).has([])).toBe(true);
    for (const levels of [102, 20_000]) {
      const { message } = await errorOf(
        readConfigFile(folder.write(`deep.${extension}`, wrap(deep(levels))), {}),
      );
      expect(message).toMatch(/:\d+:\d+: found .*(?:in each other|"\[")/);
    }
  });

  test("aliases of aliases are counted, not followed", async () => {
    const lines = Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]`);
    const text = `a0: &a0 [x]\n${lines.join("\n")}\n`;
    const file = folder.write("bomb.yaml", text);
    const { message } = await errorOf(readConfigFile(file, {}));
    expect(message).toBe(`${file}:12:11: found more than 250000 values, aliases counted in, expected fewer`);
  });

  test("aliases nested through each other are as deep as what they stand for", async () => {
    const lines = Array.from({ length: 120 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}]`);
    const { message } = await errorOf(
      readConfigFile(folder.write("ladder.yaml", `a0: &a0 [x]\n${lines.join("\n")}\n`), {}),
    );
    expect(message).toContain("found more than 100 objects and lists in each other, expected fewer");
  });

  test("a file that is too large is not parsed", async () => {
    const file = folder.write("large.json", new Uint8Array(MOST_BYTES + 1));
    const { message } = await errorOf(readConfigFile(file, {}));
    expect(message).toBe(`${file}: found ${MOST_BYTES + 1} bytes, expected at most ${MOST_BYTES}`);
  });
});

describe("what is no config file", () => {
  test.each(["yaml", "ts"])("a %s that is not there", async (extension) => {
    const file = `${folder.path}/nothing.${extension}`;
    expect((await errorOf(readConfigFile(file, {}))).message).toBe(
      `${file}: found nothing there, expected a config file`,
    );
  });

  test("a folder", async () => {
    folder.write("folder.json/x", "");
    const file = `${folder.path}/folder.json`;
    expect((await errorOf(readConfigFile(file, {}))).message).toBe(
      `${file}: found a folder, expected a config file`,
    );
  });

  test.each(["yaml", "ts"])("a pipe as %s, which nobody may ever write to", async (extension) => {
    const file = `${folder.path}/pipe.${extension}`;
    execFileSync("mkfifo", [file]);
    expect((await errorOf(readConfigFile(file, {}))).message).toBe(
      `${file}: found a pipe or a device, expected a config file`,
    );
  });

  test("a device that has no end", async () => {
    const file = `${folder.path}/zero.yaml`;
    symlinkSync("/dev/zero", file);
    expect((await errorOf(readConfigFile(file, {}))).message).toBe(
      `${file}: found a pipe or a device, expected a config file`,
    );
  });

  test("another extension", async () => {
    const { message } = await errorOf(readConfigFile("lb.ini", {}));
    expect(message).toBe(
      'lb.ini: found the extension ".ini", expected one of .yaml, .yml, .json, .toml, .ts, .mts, .js, .mjs',
    );
  });

  test("bytes that are no text", async () => {
    const file = folder.write("latin1.yaml", new Uint8Array([0x61, 0x3a, 0x20, 0xe9]));
    expect((await errorOf(readConfigFile(file, {}))).message).toBe(
      `${file}: found bytes that are not UTF-8, expected text`,
    );
  });
});

test("a byte order mark is not part of the text", async () => {
  const file = folder.write("bom.json", '\ufeff{"a":1}');
  const source = await readConfigFile(file, {});
  expect(source.value).toEqual({ a: 1 });
  expect(source.where(["a"], "key")).toEqual({ line: 1, column: 2 });
});

test("__proto__ is a key like any other", async () => {
  const texts = { yaml: "__proto__: {a: 1}", json: '{"__proto__":{"a":1}}', toml: "__proto__ = {a = 1}" };
  for (const [extension, text] of Object.entries(texts)) {
    const { value } = await readConfigFile(folder.write(`proto.${extension}`, text), {});
    expect(Object.keys(value as object)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  }
});
