/** The command that makes hashes, typed at a terminal and fed by a pipe, and the middleware that checks them. */
import { describe, expect, test } from "bun:test";
import { readPasswordHash } from "../../src/config/password-hash.ts";
import { passwordBytes } from "../../src/middleware/basic-credentials.ts";
import { fitsHash } from "../../src/middleware/password-check.ts";
import { until, within } from "../raw/within.ts";
import { PROGRAM } from "./program.ts";

async function piped(input: string, ...words: string[]) {
  const child = Bun.spawn([...PROGRAM, "hash-password", ...words], {
    stdin: new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { exitCode: await child.exited, stdout, stderr };
}

async function isHashOf(line: string, password: string): Promise<boolean> {
  const hash = readPasswordHash(line.trim());
  if (typeof hash === "string") throw new Error(hash);
  return fitsHash(passwordBytes(password), hash);
}

describe("from a pipe", () => {
  test.each([
    [[], "$argon2id$v=19$m=19456,t=2,p=1$"],
    [["--algorithm", "bcrypt"], "$2b$10$"],
    [["--algorithm", "pbkdf2"], "$pbkdf2-sha256$i=600000$"],
  ])("with %j begins with %s", async (words, beginning) => {
    const { exitCode, stdout, stderr } = await piped("pässwort: with spaces \n", ...words);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toStartWith(beginning);
    expect(stdout).toEndWith("\n");
    expect(await isHashOf(stdout, "pässwort: with spaces ")).toBeTrue();
    expect(await isHashOf(stdout, "pässwort: with spaces")).toBeFalse();
  });

  test("no two are alike", async () => {
    const [one, other] = await Promise.all([piped("a"), piped("a")]);
    expect(one.stdout).not.toBe(other.stdout);
  });

  test.each([
    ["\n", [], "found no password on the standard input"],
    ["a\nb\n", [], "found a control character, expected a password in one line"],
    ["x".repeat(2_000), [], "found a longer password, expected at most 1024 bytes"],
    [
      "x".repeat(73),
      ["--algorithm", "bcrypt"],
      "found a password of 73 bytes, expected at most 72 for bcrypt",
    ],
    ["a", ["--algorithm", "argon2"], '"argon2", expected argon2id, bcrypt or pbkdf2; did you mean argon2id?'],
  ])("%j with %j is a mistake", async (input, words, message) => {
    const { exitCode, stdout, stderr } = await piped(input, ...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("xxx");
  });
});

/** Types at a terminal that the command runs in: each text when the screen shows what comes before it. */
async function typed(keys: readonly (readonly [shown: string, text: string])[]) {
  let screen = "";
  const child = Bun.spawn([...PROGRAM, "hash-password", "--algorithm", "pbkdf2"], {
    terminal: {
      data(_, bytes) {
        screen += new TextDecoder().decode(bytes);
      },
    },
  });
  for (const [shown, text] of keys) {
    await until(`the terminal shows ${shown}`, () => screen.includes(shown));
    child.terminal?.write(text);
  }
  const exitCode = await within(15_000, "the command's end", child.exited);
  child.terminal?.close();
  return { exitCode, screen };
}

describe("at a terminal", () => {
  test("it is asked for twice, never shown, and can be mended", async () => {
    const { exitCode, screen } = await typed([
      ["Password: ", "wrong\u0015sesamx\u007fe\r"],
      ["Once more: ", "sesame\r"],
    ]);
    expect(exitCode).toBe(0);
    expect(screen).toMatch(/^Password: \r\nOnce more: \r\n\$pbkdf2-sha256\$[^\r\n]+\r\n$/);
    expect(await isHashOf(screen.split("\r\n").at(-2) ?? "", "sesame")).toBeTrue();
  });

  test("two that differ are a mistake", async () => {
    const { exitCode, screen } = await typed([
      ["Password: ", "sesame\r"],
      ["Once more: ", "sesam\r"],
    ]);
    expect(exitCode).toBe(1);
    expect(screen).toContain("the two passwords differ");
    expect(screen).not.toContain("sesam");
  });

  test("it can be broken off", async () => {
    const { exitCode, screen } = await typed([["Password: ", "ses\u0003"]]);
    expect({ exitCode, screen }).toEqual({ exitCode: 130, screen: "Password: \r\n" });
  });
});
