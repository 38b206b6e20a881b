import { expect, test } from "bun:test";
import { join } from "node:path";
import { withConfigTables } from "./config-tables.ts";
import { typeFiles } from "./config-types.ts";
import { withFlagTables } from "./flag-tables.ts";
import type { Node } from "./schema-node.ts";
import { CONFIG_SCHEMAS, TYPE_FILES } from "./type-files.ts";

const ROOT = join(import.meta.dir, "../..");
const read = (path: string) => Bun.file(join(ROOT, path)).text();

test("the reference lists the flags that there are; if not, run `npm run docs`", async () => {
  const reference = await read("docs/REFERENCE.md");
  expect(withFlagTables(reference)).toBe(reference);
});

test.each([...typeFiles(TYPE_FILES)])(
  "src/config/types/%s is what the schemas make of it; if not, run `npm run docs`",
  async (file, text) => {
    expect(await read(`src/config/types/${file}`)).toBe(text);
  },
);

test("the reference tells of the config what its schemas do; if not, run `npm run docs`", async () => {
  const reference = await read("docs/REFERENCE.md");
  expect(withConfigTables(reference, CONFIG_SCHEMAS)).toBe(reference);
});

test("the reference tells of every schema that has a name", () => {
  const named: readonly Node[] = Object.values(TYPE_FILES).flat();
  const told: readonly Node[] = CONFIG_SCHEMAS;
  expect(named.filter((schema) => !told.includes(schema)).map(({ name }) => name)).toEqual([]);
});

test("no row of a table has more cells than its head", async () => {
  const cellsOf = (line: string) => line.replaceAll("\\|", "").split("|").length;
  const wrong: string[] = [];
  for (const page of ["README.md", ...new Bun.Glob("docs/*.md").scanSync(ROOT)]) {
    let cells = 0;
    for (const line of (await read(page)).split("\n")) {
      if (!line.startsWith("|")) cells = 0;
      else if (cells === 0) cells = cellsOf(line);
      else if (cellsOf(line) !== cells) wrong.push(`${page}: ${line}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("every link between the docs leads somewhere", async () => {
  const pages = ["README.md", ...new Bun.Glob("docs/*.md").scanSync(ROOT)];
  const dead: string[] = [];
  for (const page of pages) {
    for (const [, target = ""] of (await read(page)).matchAll(/\]\(([^)#:]+)[^):]*\)/g)) {
      const file = Bun.file(join(ROOT, page, "..", target));
      if (!(await file.exists())) dead.push(`${page}: ${target}`);
    }
  }
  expect(dead).toEqual([]);
});

test("every link to a part of a page leads to a heading there", async () => {
  const pages = ["README.md", ...new Bun.Glob("docs/*.md").scanSync(ROOT)];
  const anchors = new Map<string, Set<string>>();
  for (const page of pages) {
    const headings = (await read(page)).replace(/^```.*?^```$/gms, "").matchAll(/^#+ (.*)$/gm);
    anchors.set(join(ROOT, page), new Set([...headings].map(([, heading = ""]) => anchorOf(heading))));
  }
  const dead: string[] = [];
  for (const page of pages) {
    for (const [, target = "", anchor = ""] of (await read(page)).matchAll(/\]\(([^)#:]*)#([^)]+)\)/g)) {
      const file = target === "" ? join(ROOT, page) : join(ROOT, page, "..", target);
      if (anchors.get(file)?.has(anchor) !== true) dead.push(`${page}: ${target}#${anchor}`);
    }
  }
  expect(dead).toEqual([]);
});

/** What GitHub makes of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");
}

test("every script that the docs name is in package.json", async () => {
  const { scripts } = await Bun.file(join(ROOT, "package.json")).json();
  const pages = ["README.md", ...new Bun.Glob("docs/*.md").scanSync(ROOT)];
  const named = new Set<string>();
  for (const page of pages) {
    for (const [, name = ""] of (await read(page)).matchAll(/npm run ([a-z:-]+)/g)) named.add(name);
  }
  expect(named.size).toBeGreaterThan(5);
  expect([...named].filter((name) => !(name in scripts))).toEqual([]);
});
