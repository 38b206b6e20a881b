import { describe, expect, test } from "bun:test";
import { SERVE_FLAGS } from "../../src/cli/serve-flags.ts";
import { run, VERSION } from "./program.ts";

const COMMANDS = [
  [],
  ["serve"],
  ["test-server"],
  ["status"],
  ["explain"],
  ["demo"],
  ["simulate"],
  ["hash-password"],
];
const ESCAPE = "\x1b";

describe.each(COMMANDS.map((words) => [["lb", ...words].join(" "), words] as const))("%s", (_, words) => {
  test.each(["-h", "-help", "--help"])("%s says what there is, without colour in a pipe", async (flag) => {
    // Tools that force colours on must not spoil what another program reads.
    const { exitCode, stdout, stderr } = await run([...words, flag], { FORCE_COLOR: "1", CI: "1" });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("Usage");
    expect(stdout).toContain("--version");
    expect(stdout).not.toContain(ESCAPE);
  });

  test.each(["-version", "--version"])("%s", async (flag) => {
    expect(await run([...words, flag])).toEqual({ exitCode: 0, stdout: `lb ${VERSION}\n`, stderr: "" });
  });
});

test("lb help names every command, lb help X is the help of X", async () => {
  const { stdout } = await run(["help"]);
  for (const [name] of COMMANDS.slice(1)) expect(stdout).toContain(`lb ${name} `);
  expect(await run(["help", "status"])).toEqual(await run(["status", "--help"]));
});

test("the help lists every flag with its default", async () => {
  const { stdout } = await run(["serve", "--help"]);
  for (const [name, flag] of Object.entries(SERVE_FLAGS)) {
    const line = stdout.split("\n").find((candidate) => candidate.startsWith(`  --${name} `)) ?? "";
    expect(line).toContain(flag.description);
    if ("default" in flag) expect(line).toContain(`(default ${flag.default})`);
  }
});

test("an unreadable command line shows no colours in a pipe either", async () => {
  const { stderr } = await run(["--nonsense"], { FORCE_COLOR: "1", CI: "1" });
  expect(stderr).not.toContain(ESCAPE);
});
