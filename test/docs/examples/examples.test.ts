import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { TestFolder } from "../../config-file/folder.ts";
import { until } from "../../raw/within.ts";
import { run } from "../../system/program.ts";
import { ExampleStage } from "./example-stage.ts";
import { type Example, examplesOf } from "./page.ts";
import { startCommands } from "./start-commands.ts";

const ROOT = join(import.meta.dir, "../../..");
const PAGES = await Promise.all(
  ["README.md", "docs/EXAMPLES.md"].map((page) => Bun.file(join(ROOT, page)).text()),
);
const EXAMPLES = PAGES.flatMap(examplesOf);
const FILES = new Map(EXAMPLES.flatMap(({ files }) => [...files]));

/** How the transcripts ask. */
const hasCurl = Bun.which("curl") !== null;

/** The longest that one example may take, in milliseconds. */
const PATIENCE_MS = 120_000;

/** What is to be looked at besides what the page shows, when a block of an example has been typed. */
const BEYOND: Readonly<Record<string, (stage: ExampleStage, block: number) => Promise<void>>> = {
  async "Blue and green"({ balancer }, block) {
    if (block === 0) await balancer.wrote(/SIGHUP: the config was read again/);
  },
  async "A mirror to staging"({ seen }) {
    const sentTo = (pool: string) => seen.filter(({ server }) => server.startsWith(pool));
    await until("staging has had every copy", () => sentTo("staging").length === 5);
    const paths = (pool: string) => sentTo(pool).map(({ path }) => path);
    expect(paths("live")).toEqual([...Array(5).fill("/basket"), "/payments/12", "/payments/12"]);
    expect(paths("staging")).toEqual(Array(5).fill("/basket"));
    expect(sentTo("staging").filter(({ method }) => method === "POST")).toEqual([
      { server: "staging", method: "POST", path: "/basket", body: "item=7" },
    ]);
  },
};

describe("what the page shows is what is printed:", () => {
  for (const example of EXAMPLES) {
    test.skipIf(!hasCurl)(
      example.title,
      async () => {
        await using stage = await ExampleStage.start(example, FILES);
        for (const block of example.transcripts.keys()) {
          await stage.play(block);
          await BEYOND[example.title]?.(stage, block);
        }
      },
      PATIENCE_MS,
    );
  }

  test("nothing else", async () => {
    const [example] = examplesOf("### One\n\n```console\n$ echo a b\na …\n$ echo c\nd\n```\n") as [Example];
    await using stage = await ExampleStage.start(example, new Map());
    await expect(stage.play(0)).rejects.toThrow(/-\s+"d",\n\+\s+"c",/);
  });
});

describe("lb check finds nothing wrong, nor risky, in", () => {
  const folder = new TestFolder();
  for (const [name, text] of FILES) folder.write(name, text);
  for (const { start } of EXAMPLES) {
    const { config, variables } = startCommands(start);
    if (config === undefined) continue;
    test(config, async () => {
      const { exitCode, stdout, stderr } = await run(["check", config], variables, folder.path);
      expect([exitCode, stderr]).toEqual([0, ""]);
      expect(stdout).toStartWith(`${config} is right: 1 listener, `);
    });
  }
});

describe("the files", () => {
  test("are all used, and no two have the same name", () => {
    const names = EXAMPLES.flatMap(({ files }) => [...files.keys()]);
    expect(names.length).toBe(FILES.size);
    const texts = [
      ...FILES.values(),
      ...EXAMPLES.flatMap(({ start, transcripts }) => [
        ...start,
        ...transcripts.flat().map(({ text }) => text),
      ]),
    ];
    expect(names.filter((name) => !texts.some((text) => text.includes(name)))).toEqual([]);
  });

  test("are of every format", () => {
    const formats = new Set(
      EXAMPLES.flatMap(({ start }) => startCommands(start).config?.split(".").at(-1) ?? []),
    );
    expect([...formats].sort()).toEqual(["json", "toml", "ts", "yaml"]);
  });

  test(
    "that are programs have the types that an editor expects",
    async () => {
      const folder = new TestFolder();
      const programs = [...FILES].filter(([name]) => name.endsWith(".ts"));
      for (const [name, text] of programs) folder.write(name, text);
      folder.write("package.json", '{ "type": "module" }');
      const compilerOptions = {
        paths: { lb: [`${ROOT}/src/index.ts`], ws: [`${ROOT}/node_modules/@types/ws/index.d.mts`] },
        typeRoots: [`${ROOT}/node_modules`],
      };
      folder.write(
        "tsconfig.json",
        JSON.stringify({ extends: `${ROOT}/tsconfig.json`, compilerOptions, include: ["*.ts"] }),
      );
      const tsc = Bun.spawn([`${ROOT}/node_modules/.bin/tsc`, "--pretty", "false"], {
        cwd: folder.path,
        stdout: "pipe",
      });
      expect(programs.length).toBeGreaterThan(3);
      expect([await new Response(tsc.stdout).text(), await tsc.exited]).toEqual(["", 0]);
    },
    PATIENCE_MS,
  );
});
