import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Given } from "../../src/cli/given.ts";
import { overlaid, withSecret } from "../../src/cli/overlay.ts";
import { SERVE_FLAGS } from "../../src/cli/serve-flags.ts";
import { settingsOf as settingsWith } from "../../src/cli/serve-settings.ts";
import { handDownSecret, handedSecret } from "../../src/cli/sticky-settings.ts";
import { messageOf } from "../config/message-of.ts";
import { solePool } from "../config/pool-of.ts";

const SECRET = "0123456789abcdef";

let folder = "";
let file = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lb-sticky-"));
  file = join(folder, "secret");
  writeFileSync(file, `${SECRET}\n`);
  writeFileSync(join(folder, "short"), "short\n");
});

afterAll(() => rmSync(folder, { recursive: true }));

function settingsOf(values: Record<string, string>, variables: Record<string, string> = {}) {
  const entries = Object.entries({ backends: "http://a:1", ...values });
  const given = new Map(entries.map(([name, value]) => [name, [value]] as const));
  return settingsWith(new Given(SERVE_FLAGS, given, variables), undefined);
}

function stickyOf(values: Record<string, string>, variables: Record<string, string> = {}) {
  return solePool(settingsOf(values, variables).resolved).sticky;
}

test.each([
  ["cookie", { by: "cookie", name: "lb" }],
  ["cookie:__Host-route", { by: "cookie", name: "__Host-route", secure: true }],
  ["ip", { by: "ip" }],
  ["header:X-User", { by: "header:X-User" }],
])("--sticky %s", (sticky, resolved) => {
  expect(stickyOf({ sticky })).toMatchObject(resolved);
});

test("nothing is sticky that is not asked to be", () => {
  expect([stickyOf({}), stickyOf({ sticky: "off" })]).toEqual([false, false]);
});

test("a secret comes from the command line, the environment or a file", () => {
  const sticky = "cookie";
  expect(stickyOf({ sticky, "sticky-secret": SECRET })).toMatchObject({ secret: SECRET });
  expect(stickyOf({ sticky }, { LB_STICKY_SECRET: SECRET })).toMatchObject({ secret: SECRET });
  expect(stickyOf({ sticky, "sticky-secret-file": file })).toMatchObject({ secret: SECRET });
  expect(stickyOf({ sticky }, { LB_STICKY_SECRET_FILE: file })).toMatchObject({ secret: SECRET });
});

describe("refused is", () => {
  const expected = "expected cookie, cookie:NAME, ip, header:NAME or off";
  test.each<[Record<string, string>, string]>([
    [{ sticky: "cokie" }, `--sticky: found "cokie", ${expected}; did you mean cookie?`],
    [{ sticky: "" }, `--sticky: found "", ${expected}`],
    [{ sticky: "cookie:" }, '--sticky: found "cookie:", expected a name after cookie:'],
    [{ sticky: "header:a b" }, '--sticky: found "header:a b", expected a name after header:'],
    [{ sticky: "cookie", "sticky-secret": "short" }, "--sticky-secret: expected at least 16 characters"],
    [
      { sticky: "ip", "sticky-secret": SECRET },
      "--sticky-secret: found without --sticky cookie, which alone has a secret",
    ],
    [
      { sticky: "cookie", "sticky-secret-file": "/nowhere/secret" },
      '--sticky-secret-file: found "/nowhere/secret", which is not there, expected a file',
    ],
  ])("%j", (values, sentence) => {
    expect(messageOf(() => settingsOf(values))).toBe(sentence);
  });

  test("a file whose secret is short, by the name of the file", () => {
    const short = join(folder, "short");
    expect(messageOf(() => settingsOf({ sticky: "cookie", "sticky-secret-file": short }))).toBe(
      `--sticky-secret-file: found "${short}", expected a secret of at least 16 characters`,
    );
  });

  test("a secret beside a file", () => {
    const values = { sticky: "cookie", "sticky-secret-file": file };
    expect(messageOf(() => settingsOf(values, { LB_STICKY_SECRET: SECRET }))).toBe(
      "--sticky-secret-file: found beside LB_STICKY_SECRET, expected one of them",
    );
  });

  test.skipIf(process.platform !== "linux")("a table that several workers would share", () => {
    const each =
      "with 2 workers, each of which would remember other sessions; expected cookie, or the algorithm";
    expect(messageOf(() => settingsOf({ sticky: "ip", workers: "2" }))).toBe(
      `--sticky: found "ip" ${each} ip-hash in its place`,
    );
    expect(messageOf(() => settingsOf({ workers: "2" }, { LB_STICKY: "header:X-User" }))).toBe(
      `LB_STICKY: found "header:X-User" ${each} header:X-User in its place`,
    );
    expect(settingsOf({ sticky: "cookie", workers: "2" }).workers).toBe(2);
    expect(settingsOf({ sticky: "ip", workers: "1" }).workers).toBe(1);
  });
});

test("workers are handed a secret that is long and another each time", () => {
  const handed = () => {
    const environment: Record<string, string | undefined> = {};
    handDownSecret(environment);
    return handedSecret(environment);
  };
  expect(handed()).toMatch(/^[\w-]{43}$/);
  expect(handed()).not.toBe(handed() as string);
  expect(handedSecret({})).toBeUndefined();
});

test("a secret is for every cookie that has none, and for the top's, which it replaces", () => {
  const own = "fedcba9876543210";
  const by = "cookie";
  const config = {
    sticky: { by, secret: own },
    pools: { a: { sticky: { by } }, b: { sticky: { by, secret: own } }, c: { sticky: { by: "ip" } }, d: {} },
  };
  const keys = { keys: {}, listener: {}, stickySecret: SECRET };
  expect(overlaid(config, keys, new Given(SERVE_FLAGS, new Map(), {}))).toEqual({
    sticky: { by, secret: SECRET },
    pools: { ...config.pools, a: { sticky: { by, secret: SECRET } } },
  });
  // What a supervisor hands down fills in alone.
  expect(withSecret(config, SECRET)).toEqual({
    ...config,
    pools: { ...config.pools, a: { sticky: { by, secret: SECRET } } },
  });
});
