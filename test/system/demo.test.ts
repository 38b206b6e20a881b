import { expect, test } from "bun:test";
import { Program, run } from "./program.ts";

test("the demo kills a server and its clients see no error", async () => {
  const { exitCode, stdout, stderr } = await run(["demo", "--port", "0", "--seconds", "2", "--chaos"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toContain("Server-1 was killed\n");
  expect(stdout).toContain("lb sees that Server-1 is down: ");
  expect(stdout).not.toContain("\x1b");
  const [, answers, errors] = /clients (\d+) answers (\d+) errors\n$/.exec(stdout) ?? [];
  expect(Number(answers)).toBeGreaterThan(0);
  expect(errors).toBe("0");
});

test("the demo ends at a signal, and without traffic none is shown", async () => {
  await using demo = new Program(["demo", "--port", "0", "--rps", "0"]);
  await demo.wrote(/clients 0 answers 0 errors\n/);
  demo.signal("SIGINT");
  expect(await demo.exitCode).toBe(0);
});
