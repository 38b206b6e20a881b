import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { oneClock, pureCore } from "./tidy/call-rules.ts";
import { docstrings, fileLength, nothingUnfinished, tellingNames } from "./tidy/form-rules.ts";
import { deadFiles, foreignImports, importDirection } from "./tidy/import-rules.ts";
import { problemText, type Rule } from "./tidy/problem.ts";
import { readSources, sourceFile } from "./tidy/source-file.ts";

const RULES: Readonly<Record<string, Rule>> = {
  "imports go one way, towards the core": importDirection,
  "packages and Node's modules stay where they belong": foreignImports,
  "no file is dead": deadFiles,
  "the core depends on nothing but its arguments": pureCore,
  "timers, clocks and chance come from src/system.ts": oneClock,
  "no file is too long": fileLength,
  "names say what a thing does": tellingNames,
  "everything exported has a docstring": docstrings,
  "nothing is left unfinished": nothingUnfinished,
};

describe("the source tree", () => {
  const files = readSources(join(import.meta.dirname, ".."), ["src", "test"]);

  test("is read", () => {
    expect(files.map(({ path }) => path)).toContain("src/core/balancer.ts");
    expect(files.map(({ path }) => path)).toContain("test/tidy.test.ts");
  });

  for (const [name, rule] of Object.entries(RULES)) {
    test(name, () => {
      expect(rule(files).map(problemText)).toEqual([]);
    });
  }
});

/** For each rule, files that break it, and the places that it must name. */
const BROKEN: readonly (readonly [Rule, Record<string, string>, readonly string[]])[] = [
  [
    importDirection,
    {
      "src/core/a.ts": 'import { b } from "./b.ts";\nimport type { C } from "../config/c.ts";\n',
      "src/adapters/bun.ts":
        'import { x } from "../proxy/client.ts";\nimport {\n  y,\n} from "../proxy/forwarder.ts";\n',
      "src/transport/fetch.ts": 'export { run } from "../cli/run.ts";\n',
      "src/proxy/late.ts": 'const later = () => import("../adapters/bun.ts");\n',
      "src/index.ts": 'import "./cli/run.ts";\n',
      "src/unheard-of/a.ts": "",
    },
    [
      "src/core/a.ts:2",
      "src/adapters/bun.ts:4",
      "src/transport/fetch.ts:1",
      "src/proxy/late.ts:1",
      "src/index.ts:1",
      "src/unheard-of/a.ts:1",
    ],
  ],
  [
    foreignImports,
    {
      "src/cli/run.ts":
        'import { runCommand } from "citty";\nimport { colors } from "consola/utils";\nimport "node:os";\n',
      "src/adapters/node-request.ts": 'import type { IncomingMessage } from "node:http";\n',
      "src/adapters/bun.ts": 'import { readFileSync } from "node:fs";\n',
      "src/proxy/log.ts": 'import { createConsola } from "consola/core";\n',
      "src/cli/serve.ts": '// a comment\nimport lodash from "lodash";\n',
    },
    ["src/adapters/bun.ts:1", "src/proxy/log.ts:1", "src/cli/serve.ts:2"],
  ],
  [
    deadFiles,
    {
      "src/index.ts": 'export * from "./used.ts";\n',
      "src/used.ts": 'import type { T } from "./type-only.ts";\n',
      "src/type-only.ts": '// import "./named-in-a-comment.ts"\n',
      "src/named-in-a-comment.ts": 'import "./used.ts";\n',
    },
    ["src/named-in-a-comment.ts:1"],
  ],
  [
    pureCore,
    {
      "src/core/a.ts": "// Date.now() in a comment\nconst text = 'setTimeout(';\nconst now = Date.now();\n",
      "src/core/b.ts":
        "const a = performance.now();\nconst b = Math.random();\nsetTimeout(f, 1);\nsetInterval(f, 1);\n",
      "src/core/c.ts":
        "Bun.sleep(1);\nDeno.env;\nprocess.env;\nfetch(url);\nnew Promise(f);\nasync () => 1;\n",
      "src/core/d.ts":
        "const matches = /async|await/.test(x);\nconst half = total / 2; // a / b\nasync function f() {}\n",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
      "src/core/e.ts": "const text = `now\n it is ${Date.now()}`;\n",
      "src/proxy/e.ts": "await fetch(url);\n",
    },
    [
      "src/core/a.ts:3",
      ...[1, 2, 3, 4].map((line) => `src/core/b.ts:${line}`),
      ...[1, 2, 3, 4, 5, 6].map((line) => `src/core/c.ts:${line}`),
      "src/core/d.ts:3",
      "src/core/e.ts:2",
    ],
  ],
  [
    oneClock,
    {
      "src/system.ts": "setTimeout(f, 1);\n",
      "src/proxy/a.ts": "\nconst now = performance.now();\n",
      "src/cli/b.ts": "await Bun.sleep(5);\n",
      "src/adapters/bun.ts": "setTimeout(f, 1);\n",
      "src/adapters/deno.ts": "const nothing = 1;\n",
    },
    ["src/proxy/a.ts:2", "src/cli/b.ts:1", "src/adapters/deno.ts:1"],
  ],
  [fileLength, { "src/a.ts": "x\n".repeat(300), "test/b.ts": "x\n".repeat(301) }, ["test/b.ts:301"]],
  [
    tellingNames,
    {
      "src/proxy/utils.ts": "",
      "src/common/a.ts": "",
      "test/http-helpers.ts": "",
      "src/a.ts": "/** Says. */\nexport class PoolManager {}\n",
      "src/b.ts": "const commonName = 1;\nfunction managed() {}\n",
    },
    ["src/proxy/utils.ts:1", "src/common/a.ts:1", "test/http-helpers.ts:1", "src/a.ts:2"],
  ],
  [
    docstrings,
    {
      "src/a.ts": "/** What it is. */\nexport const a = 1;\n\nexport function b() {}\n",
      "src/b.ts": "// Not a docstring.\nexport interface C {}\nexport type { D } from './d.ts';\n",
      "test/c.ts": "export const c = 1;\n",
    },
    ["src/a.ts:4", "src/b.ts:2"],
  ],
  [
    nothingUnfinished,
    { "src/a.ts": `const a = 1;\n// ${["TO", "DO"].join("")}: more\n`, "test/b.ts": "// all done\n" },
    ["src/a.ts:2"],
  ],
];

describe("each rule finds what breaks it", () => {
  for (const [rule, files, places] of BROKEN) {
    const name = Object.entries(RULES).find(([, known]) => known === rule)?.[0] ?? "?";
    test(name, () => {
      const sources = Object.entries(files).map(([path, text]) => sourceFile(path, text));
      const found = rule(sources).map(({ path, line }) => `${path}:${line}`);
      expect(found.sort()).toEqual([...places].sort());
    });
  }

  test("and every rule is among them", () => {
    expect(new Set(BROKEN.map(([rule]) => rule))).toEqual(new Set(Object.values(RULES)));
  });
});
