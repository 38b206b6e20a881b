import { describe, expect, test } from "bun:test";
import { TestFolder } from "../../config-file/folder.ts";
import { run } from "../program.ts";
import { BROKEN_FILES } from "./broken-files.ts";

const folder = new TestFolder();

/** In a program, no line is known of what it says; all other lines have their places. */
const isPlaced = (line: string) => /^\d+:\d+: /.test(line);

describe("lb check ends with 1 and tells of every mistake in", () => {
  for (const [name, [text, lines]] of Object.entries(BROKEN_FILES)) {
    test.concurrent(name, async () => {
      folder.write(name, text);
      const expected = lines.map((line) => `${name}:${isPlaced(line) ? "" : " "}${line}\n`).join("");
      expect(await run(["check", name], {}, folder.path)).toEqual({
        exitCode: 1,
        stdout: "",
        stderr: expected,
      });
    });
  }
});

describe("a command line that cannot be understood ends with 2:", () => {
  test.each([
    [["check", "a.yaml", "b.yaml"], 'lb check: found "b.yaml" after "a.yaml", expected one FILE'],
    [["check", "--conifg", "a.yaml"], "--conifg: unknown flag; did you mean --config?"],
    [["check", "--config"], "--config: found no value, expected FILE"],
    [["schema", "x"], 'lb schema: found "x", expected a flag'],
  ])("lb %j", async (words, sentence) => {
    expect(await run(words)).toEqual({ exitCode: 2, stdout: "", stderr: `lb: ${sentence}\n` });
  });

  test("lb check where there is nothing to check", async () => {
    folder.write("empty-folder/nothing", "");
    const { exitCode, stderr } = await run(["check"], {}, `${folder.path}/empty-folder`);
    expect([exitCode, stderr]).toEqual([
      2,
      "lb: --backends: found none, expected at least one URL such as http://localhost:8081 (or try lb demo)\n",
    ]);
  });
});

test("a file that is not there is told of by its name", async () => {
  const { exitCode, stderr } = await run(["check", "nowhere.yaml"], {}, folder.path);
  expect([exitCode, stderr]).toEqual([1, "nowhere.yaml: found nothing there, expected a config file\n"]);
});

test("flags and the file are checked together, each mistake with where it was written", async () => {
  folder.write("both.yaml", "backends: [http://a:1]\nretries: x\nstatusPath: status\n");
  const words = ["check", "both.yaml", "--algorithm", "rr", "--health-path", "up", "--retries", "3"];
  const { exitCode, stderr } = await run(words, { LB_FRONT: "wep" }, folder.path);
  expect([exitCode, ...stderr.split("\n")]).toEqual([
    1,
    expect.stringMatching(/^--algorithm: found "rr", expected round-robin/),
    '--health-path: found "up", expected a path that begins with /, such as /health',
    'LB_FRONT: found "wep", expected web or http1; did you mean web?',
    'both.yaml:3:13: statusPath: found "status", expected a path that begins with /, such as /lb-status',
    "",
  ]);
});

test("lb serve says the same, each line with its own name before it", async () => {
  folder.write("two.json", '{ "backends": ["http://a:1"],\n"retries": -1, "timeoutMs": -1 }');
  expect(await run(["--config", "two.json"], {}, folder.path)).toEqual({
    exitCode: 1,
    stdout: "",
    stderr:
      "lb: two.json:2:12: retries: found -1, expected a whole number from 0 to 100\n" +
      "lb: two.json:2:29: timeoutMs: found -1, expected a number of milliseconds, at least 0\n",
  });
});

test("for a program everything is told as JSON", async () => {
  folder.write("j.toml", 'backends = ["http://a:1"]\nretires = 1\n');
  const { exitCode, stdout, stderr } = await run(["check", "j.toml", "--json"], {}, folder.path);
  expect([exitCode, stderr]).toEqual([1, ""]);
  expect(JSON.parse(stdout)).toEqual({
    ok: false,
    problems: [
      {
        severity: "error",
        file: "j.toml",
        line: 2,
        column: 1,
        path: ["retires"],
        place: "config",
        message: 'found the unknown key "retires"; did you mean retries?',
        sentence: 'j.toml:2:1: config: found the unknown key "retires"; did you mean retries?',
      },
    ],
  });
});
