// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are variables of config files
import { expect, test } from "bun:test";
import { readConfigFile } from "../../src/config-file/index.ts";
import { errorOf } from "./error-of.ts";
import { TestFolder } from "./folder.ts";

const folder = new TestFolder();
const VARIABLES = {
  PORT: "8080",
  ON: "true",
  NAME: "api",
  EMPTY: "",
  NESTED: "${PORT}",
  ID: "007",
  LIST: "[1]",
};

async function read(extension: string, text: string): Promise<unknown> {
  return (await readConfigFile(folder.write(`a.${extension}`, text), VARIABLES)).value;
}

test.each([
  ["http://${NAME}:${PORT}", "http://api:8080"],
  ["${PORT}", 8080],
  ["${ON}", true],
  ["${NAME}", "api"],
  ["${PORT}${PORT}", 80808080],
  ["${PORT}ms", "8080ms"],
  ["${EMPTY}", ""],
  ["${EMPTY:-x}", "x"],
  ["${UNSET:-x y}", "x y"],
  ["${UNSET:-}", ""],
  ["${UNSET:-2.5}", 2.5],
  ["${PORT:-1}", 8080],
  ["${LIST}", "[1]"],
  ["${NESTED}", "${PORT}"],
  ["$${PORT}", "${PORT}"],
  ["$$${PORT}", "$${PORT}"],
  ["$PORT ${NAME}$", "$PORT api$"],
  ["{NAME}", "{NAME}"],
])("%j is %j in each format", async (written, expected) => {
  const text = JSON.stringify(written);
  expect(await read("json", `{"a":${text}}`)).toEqual({ a: expected });
  expect(await read("toml", `a = ${text}`)).toEqual({ a: expected });
  if (!written.startsWith("{")) expect(await read("yaml", `a: ${written}`)).toEqual({ a: expected });
});

test("each format reads numbers as it writes them", async () => {
  expect(await read("yaml", "a: ${ID}")).toEqual({ a: 7 });
  expect(await read("json", '{"a":"${ID}"}')).toEqual({ a: "007" });
  expect(await read("toml", 'a = "${ID}"')).toEqual({ a: "007" });
  expect(await read("toml", 'a = "${X:-1_000}"')).toEqual({ a: 1000 });
});

test("in YAML, what is in quotes stays text", async () => {
  expect(await read("yaml", "a: '${PORT}'\nb: |-\n  ${PORT}\n")).toEqual({ a: "8080", b: "8080" });
});

test("keys are left as they are", async () => {
  expect(await read("yaml", "${NAME}: 1")).toEqual({ "${NAME}": 1 });
});

test("what a variable stands for all of can be read the other way", async () => {
  const text = "a: ${PORT}\nb: '${PORT}'\nc: ${NAME}\nd: 8080\ne: [1, '${ON}']\n";
  const source = await readConfigFile(folder.write("other.yaml", text), VARIABLES);
  expect(source.reread([["a"], ["e", 1]])).toEqual({ a: "8080", b: "8080", c: "api", d: 8080, e: [1, true] });
  expect(source.reread([["b"], ["c"]])).toEqual({ a: 8080, b: 8080, c: "api", d: 8080, e: [1, "true"] });
  expect(source.reread([["c"], ["d"], ["nothing"], []])).toBeUndefined();
  expect(source.value).toEqual({ a: 8080, b: "8080", c: "api", d: 8080, e: [1, "true"] });
});

test("every variable that is not set is told, each in its place", async () => {
  const text = 'a: x\nb: "${A} and ${B:-1} and ${A}"\nc: ["\\x24{B}"]\nd: ${toString}\n';
  const file = folder.write("unset.yaml", text);
  const { message } = await errorOf(readConfigFile(file, VARIABLES));
  expect(message.replaceAll(`${file}:`, "").split("\n")).toEqual([
    "2:5: found ${A}, which is not set, expected it to be, or ${A:-default}",
    "2:26: found ${A}, which is not set, expected it to be, or ${A:-default}",
    "3:5: found ${B}, which is not set, expected it to be, or ${B:-default}",
    "4:4: found ${toString}, which is not set, expected it to be, or ${toString:-default}",
  ]);
});

test.each(["${", "${}", "${A", "${A-B}", "${1A}", "${A:}", "${ A }", "${B:-${A}"])(
  "%j is a mistake",
  async (written) => {
    const file = folder.write("form.json", JSON.stringify({ a: written }));
    expect((await errorOf(readConfigFile(file, { A: "x" }))).message).toBe(
      `${file}:1:7: found ${JSON.stringify(written)}, expected \${NAME} or \${NAME:-default}, or $\${ for the characters themselves`,
    );
  },
);
