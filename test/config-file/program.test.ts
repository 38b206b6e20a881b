import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import * as library from "../../src/index.ts";
import { CompiledReader } from "./compiled-reader.ts";
import { TestFolder } from "./folder.ts";

const folder = new TestFolder();
const reader = new CompiledReader(folder);

/** The absolute paths of files in the folder. */
function paths(...names: string[]): string[] {
  return names.map((name) => join(folder.path, name));
}

describe("a program, read by an executable", () => {
  test("is TypeScript that imports lb, its own modules and those of the runtime", async () => {
    folder.write(
      "a/lb.config.ts",
      `import { join } from "node:path";
       import { createLoadBalancer, pickBy, type Choice } from "lb";
       import { backends } from "./backends.ts";
       import limits from "./limits.json";
       const kinds: string[] = [typeof pickBy, typeof createLoadBalancer];
       export default { backends, limits, kinds, cert: join(import.meta.dirname, "c.pem") } as const;`,
    );
    folder.write("a/backends.ts", 'import { host } from "./deep/host.mts"; export const backends = [host];');
    folder.write("a/deep/host.mts", 'export const host: string = "http://a:1";');
    folder.write("a/limits.json", '{ "most": 1 }');
    expect(await reader.ask("a/lb.config.ts")).toEqual({
      value: {
        backends: ["http://a:1"],
        limits: { most: 1 },
        kinds: ["function", "function"],
        cert: join(folder.path, "a/c.pem"),
      },
      files: paths("a/lb.config.ts", "a/backends.ts", "a/limits.json", "a/deep/host.mts"),
    });
  });

  test("gets all that the library exports", async () => {
    folder.write(
      "all/lb.config.ts",
      'import * as lb from "lb"; export default { names: Object.keys(lb).sort() };',
    );
    const names = Object.keys(library).sort();
    expect(names).toContain("pickBy");
    expect((await reader.ask("all/lb.config.ts")).value).toEqual({ names });
  });

  test("gets the executable's own lb, be there a package of that name", async () => {
    folder.write("b/node_modules/lb/package.json", '{ "name": "lb", "type": "module", "main": "index.js" }');
    folder.write("b/node_modules/lb/index.js", "export const pickBy = 'the package';");
    folder.write("b/lb.config.ts", 'import { pickBy } from "lb"; export default { kind: typeof pickBy };');
    expect((await reader.ask("b/lb.config.ts")).value).toEqual({ kind: "function" });
  });

  test.each([
    ["mjs", "export default async () => ({ a: 1 });"],
    ["js", "export default Promise.resolve({ a: 1 });"],
    ["mts", "const one = await Promise.resolve<number>(1); export default () => ({ a: one });"],
    ["ts", "export default { a: 1 } satisfies Record<string, number>;"],
  ])("of extension .%s may export it as %j", async (extension, text) => {
    folder.write(`c/lb.config.${extension}`, text);
    expect((await reader.ask(`c/lb.config.${extension}`)).value).toEqual({ a: 1 });
  });
});

describe("a program that is read again", () => {
  const FILE = "d/lb.config.ts";

  test("is as it is then, and so are its modules, however they failed before", async () => {
    folder.write(FILE, 'import { value } from "./value.ts"; export default { value };');
    const outcomes: unknown[] = [];
    for (const text of [
      "export const value = 1;",
      "export const value = ;",
      "export const value = 2;",
      "export const other = 3;",
      "export const value = 3;",
      "export const value = null.x;",
      "export const value = 4;",
      'import { a } from "./nowhere.ts"; export const value = a;',
      "export const value = 5;",
      'export * from "./moved.ts";',
    ]) {
      folder.write("d/value.ts", text);
      folder.write("d/moved.ts", "export const value = 6;");
      const { value, message } = await reader.ask(FILE);
      outcomes.push(message ?? (value as { value: unknown }).value);
    }
    expect(outcomes).toEqual([
      1,
      "d/value.ts:1:22: found what is no TypeScript (Unexpected ;), expected a program",
      2,
      `${FILE}: found the import of value from d/value.ts, which has no such export`,
      3,
      "d/value.ts:1:22: threw TypeError: null is not an object (evaluating 'null.x')",
      4,
      'd/value.ts: found the import "./nowhere.ts", which is not there, expected a module',
      5,
      6,
    ]);
  });

  test("says which files it was read from, whether or not it could be", async () => {
    folder.write("e/lb.config.ts", 'import "./a.ts"; export default {};');
    folder.write("e/a.ts", 'import "./b.ts"; throw new Error("no");');
    folder.write("e/b.ts", "");
    expect(await reader.ask("e/lb.config.ts")).toEqual({
      message: "e/a.ts:1:28: threw Error: no",
      files: paths("e/lb.config.ts", "e/a.ts", "e/b.ts"),
    });
    folder.write("e/a.ts", "");
    expect((await reader.ask("e/lb.config.ts")).files).toEqual(paths("e/lb.config.ts", "e/a.ts"));
  });

  test("leaves packages as they were first read", async () => {
    folder.write(
      "f/node_modules/dep/package.json",
      '{ "name": "dep", "type": "module", "main": "index.js" }',
    );
    folder.write("f/node_modules/dep/index.js", "export default 1;");
    folder.write("f/lb.config.ts", 'import dep from "dep"; export default { dep };');
    expect((await reader.ask("f/lb.config.ts")).value).toEqual({ dep: 1 });
    folder.write("f/node_modules/dep/index.js", "export default 2;");
    expect(await reader.ask("f/lb.config.ts")).toEqual({ value: { dep: 1 }, files: paths("f/lb.config.ts") });
  });

  test("shares its modules with what it imports later", async () => {
    folder.write(
      "g/lb.config.mjs",
      `import { state } from "./state.mjs";
       state.count += 1;
       const late = async () => (await import("./late.mjs")).count();
       export default { late, then: undefined };`,
    );
    folder.write("g/state.mjs", "export const state = { count: 0 };");
    folder.write(
      "g/late.mjs",
      'import { state } from "./state.mjs"; export const count = () => state.count;',
    );
    for (let reading = 0; reading < 3; reading += 1) {
      await reader.ask("g/lb.config.mjs");
      expect(await reader.ask("LATE")).toEqual({ value: 1 });
    }
    // One that fails changes nothing of the one in use.
    const file = folder.write("g/state.mjs", "export const state = ;");
    expect((await reader.ask("g/lb.config.mjs")).message).toContain("g/state.mjs:1:22");
    rmSync(file);
    expect(await reader.ask("LATE")).toEqual({ value: 1 });
  });

  test("two hundred times takes no more memory than a fraction of what starting took", async () => {
    folder.write("h/lb.config.ts", 'import { value } from "./value.ts"; export default { value };');
    const read = async (value: number) => {
      const pad = Array.from({ length: 50 }, (_, n) => `export const f${n} = () => "${n} of ${value}";`);
      folder.write("h/value.ts", `${pad.join("\n")}\nexport const value = ${value};`);
      expect((await reader.ask("h/lb.config.ts")).value).toEqual({ value });
    };
    const memory = async () => (await reader.ask("MEMORY")).value as number;
    for (let value = 0; value < 100; value += 1) await read(value);
    const before = await memory();
    for (let value = 0; value < 200; value += 1) await read(value);
    expect((await memory()) - before).toBeLessThan(16 * 1024 * 1024);
  }, 30_000);
});

describe("a program that never comes to an end", () => {
  test.each([
    "export default new Promise(() => {});",
    "export default () => new Promise(() => {});",
    "await new Promise(() => {});",
  ])("is given up, and the next reading is none the worse: %s", async (text) => {
    folder.write("j/lb.config.ts", `import "./a.ts"; ${text}`);
    folder.write("j/a.ts", "");
    expect(await reader.ask("IMPATIENT j/lb.config.ts")).toEqual({
      message: "j/lb.config.ts: found no config after 30 seconds, expected a program that gives one",
      files: paths("j/lb.config.ts", "j/a.ts"),
    });
    folder.write("j/lb.config.ts", "export default { a: 1 };");
    expect((await reader.ask("j/lb.config.ts")).value).toEqual({ a: 1 });
  });
});

describe("a program that is no config", () => {
  test.each([
    ["export const a = 1;", ": found no default export, expected export default defineConfig({ … })"],
    ["export default () => {};", ": found no default export, expected export default defineConfig({ … })"],
    ['export default () => {\n  throw new TypeError("no");\n};', ":2:13: threw TypeError: no"],
    ["export default () => Promise.reject(3);", ": threw 3, expected a config"],
    ['export default await Promise.reject(new Error("two\\nlines"));', ":1:41: threw Error: two"],
    ["export default { a: ;", ":1:21: found what is no TypeScript (Unexpected ;), expected a program"],
    [
      'import { http1Transport } from "lb/http1"; export default { http1Transport };',
      ': found the import "lb/http1", which is not there, expected a module',
    ],
    [
      'import { nothing } from "lb"; export default { nothing };',
      ": found the import of nothing from lb, which has no such export",
    ],
  ])("%j is told", async (text, message) => {
    folder.write("i/lb.config.ts", text);
    expect(await reader.ask("i/lb.config.ts")).toEqual({
      message: `i/lb.config.ts${message}`,
      files: paths("i/lb.config.ts"),
    });
  });
});
