import { describe, expect, test } from "bun:test";
import type { Flags } from "../../src/cli/flags.ts";
import { Given } from "../../src/cli/given.ts";
import { ConfigError } from "../../src/config/problem.ts";

const FLAGS: Flags = {
  backends: { type: "string", description: "", isList: true, key: "backends" },
  port: { type: "string", description: "" },
  "health-path": { type: "string", description: "", key: "healthCheck.path" },
  timeout: { type: "string", description: "" },
  forwarded: { type: "boolean", description: "" },
};

function given(values: Record<string, string[]>, variables: Record<string, string> = {}): Given {
  return new Given(FLAGS, new Map(Object.entries(values)), variables);
}

test("a flag counts more than its variable, and each is named as it was written", () => {
  const both = given({ port: ["80", "81"] }, { LB_PORT: "90", LB_HEALTH_PATH: "/h" });
  expect([both.text("port"), both.place("port")]).toEqual(["81", "--port"]);
  expect([both.text("health-path"), both.place("health-path")]).toEqual(["/h", "LB_HEALTH_PATH"]);
  expect([both.text("timeout"), both.place("timeout")]).toEqual([undefined, "--timeout"]);
});

test("an empty variable is none", () => {
  const empty = given({}, { LB_PORT: "" });
  expect([empty.text("port"), empty.place("port")]).toEqual([undefined, "--port"]);
});

describe("lists", () => {
  test("join what several flags say", () => {
    expect(given({ backends: ["a, b", "c"] }).list("backends")).toEqual(["a", "b", "c"]);
  });

  test("from a flag replace those from the variable", () => {
    expect(given({ backends: ["a"] }, { LB_BACKENDS: "b,c" }).list("backends")).toEqual(["a"]);
    expect(given({}, { LB_BACKENDS: "b,c" }).list("backends")).toEqual(["b", "c"]);
  });

  test("may be empty, which is not the same as not given", () => {
    expect(given({ backends: [""] }).list("backends")).toEqual([]);
    expect(given({}).list("backends")).toBeUndefined();
  });
});

test("values that may have commas are given as they are", () => {
  expect(given({ backends: ["a, b", "c"] }).all("backends")).toEqual(["a, b", "c"]);
  expect(given({}, { LB_BACKENDS: "b,c" }).all("backends")).toEqual(["b,c"]);
  expect(given({}).all("backends")).toEqual([]);
});

test("switches", () => {
  for (const on of ["true", "1"]) expect(given({ forwarded: [on] }).isOn("forwarded")).toBe(true);
  for (const off of ["false", "0"]) expect(given({ forwarded: [off] }).isOn("forwarded")).toBe(false);
  expect(given({}).isOn("forwarded")).toBe(false);
  expect(() => given({}, { LB_FORWARDED: "on" }).isOn("forwarded")).toThrow(
    new ConfigError('LB_FORWARDED: found "on", expected true or false'),
  );
});

test("sizes", () => {
  expect(given({ "replay-limit": ["64KiB"] }).sizeBytes("replay-limit")).toBe(65_536);
  expect(given({}).sizeBytes("replay-limit")).toBeUndefined();
  expect(() => given({}, { LB_REPLAY_LIMIT: "much" }).sizeBytes("replay-limit")).toThrow(
    new ConfigError('LB_REPLAY_LIMIT: found "much", expected a size such as 64KiB, 1MB or 0'),
  );
});

test("whole numbers and durations", () => {
  expect(given({ port: ["0"] }).wholeNumber("port", 0, 9)).toBe(0);
  expect(given({}).wholeNumber("port", 0, 9)).toBeUndefined();
  for (const wrong of ["10", "-1", "1.5", "1e0", "", " 1", "x"]) {
    expect(() => given({ port: [wrong] }).wholeNumber("port", 0, 9)).toThrow(ConfigError);
  }
  expect(given({ timeout: ["1.5s"] }).durationMs("timeout")).toBe(1500);
  expect(given({ timeout: ["0"] }).durationMs("timeout", true)).toBe(0);
  expect(() => given({ timeout: ["0"] }).durationMs("timeout")).toThrow(/^--timeout: found "0"/);
});

test("the config keys in an error become what the user wrote", () => {
  const place = "healthCheck.path";
  const wrong = new ConfigError([{ path: ["healthCheck", "path"], place, message: 'found "h"' }]);
  expect(given({ "health-path": ["h"] }).inUsersWords(wrong).message).toBe('--health-path: found "h"');
  expect(given({}, { LB_HEALTH_PATH: "h" }).inUsersWords(wrong).message).toBe('LB_HEALTH_PATH: found "h"');
  const other = new ConfigError([...wrong.problems, { path: [], place: "config", message: "found nothing" }]);
  expect(given({}).inUsersWords(other).message).toBe('--health-path: found "h"\nconfig: found nothing');
  const whole = new ConfigError("config: found nothing");
  expect(given({}).inUsersWords(whole).message).toBe(whole.message);
});

test("a share is a percentage, or nothing", () => {
  const flags: Flags = { slow: { type: "string", description: "" } };
  const share = (text: string) => new Given(flags, new Map([["slow", [text]]]), {}).share("slow");
  expect([share("5%"), share("0"), share("0%"), share("100%"), share("0.5%")]).toEqual([
    0.05, 0, 0, 1, 0.005,
  ]);
  for (const text of ["5", "101%", "-5%", "%", "1", "five", ""])
    expect(() => share(text)).toThrow(ConfigError);
  expect(new Given(flags, new Map(), {}).share("slow")).toBeUndefined();
});
