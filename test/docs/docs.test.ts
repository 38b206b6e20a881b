import { expect, test } from "bun:test";
import { join } from "node:path";
import { ADAPTIVE_CONCURRENCY_DEFAULTS } from "../../src/config/adaptive-concurrency.ts";
import { DEFAULTS } from "../../src/config/config.ts";
import { HEALTH_CHECK_DEFAULTS } from "../../src/config/health-check.ts";
import { BREAKER_DEFAULTS, OUTLIER_DEFAULTS, SLOW_START_DEFAULTS } from "../../src/config/readiness.ts";
import { typeFiles } from "./config-types.ts";
import { withFlagTables } from "./flag-tables.ts";
import { TYPE_FILES } from "./type-files.ts";

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

test("the reference names every key of the config", async () => {
  const reference = await read("docs/REFERENCE.md");
  const groups = [
    DEFAULTS,
    HEALTH_CHECK_DEFAULTS,
    OUTLIER_DEFAULTS,
    BREAKER_DEFAULTS,
    SLOW_START_DEFAULTS,
    ADAPTIVE_CONCURRENCY_DEFAULTS,
  ];
  const keys = ["backends", ...groups.flatMap((group) => Object.keys(group))];
  expect(keys.filter((key) => !reference.includes(`\`${key}\``))).toEqual([]);
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
