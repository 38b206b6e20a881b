import { describe, expect, test } from "bun:test";
import { createLog } from "../../src/cli/log.ts";
import { LOG_LEVELS } from "../../src/config/process.ts";

/** What a log writes into a pipe. */
function written(format: "pretty" | "json", level: (typeof LOG_LEVELS)[number]): string[] {
  const lines: string[] = [];
  const log = createLog(format, level, { write: (text) => lines.push(text) });
  log.debug("one", { n: 1 });
  log.info("two", { n: 2 });
  log.success("three", { n: 3 });
  log.warn("four", { n: 4 });
  log.error("five", { n: 5 });
  return lines;
}

test("each level says what is as grave, or graver", () => {
  const counts = LOG_LEVELS.map((level) => [level, written("pretty", level).length]);
  expect(Object.fromEntries(counts)).toEqual({ debug: 5, info: 4, warn: 2, error: 1, silent: 0 });
});

describe("in a pipe", () => {
  test("pretty lines have time, level and sentence", () => {
    const lines = written("pretty", "debug").map((line) => line.replace(/^\S+Z /, "TIME "));
    expect(lines).toEqual([
      "TIME debug one\n",
      "TIME info  two\n",
      "TIME info  three\n",
      "TIME warn  four\n",
      "TIME error five\n",
    ]);
  });

  test("json lines have the fields too", () => {
    const objects = written("json", "debug").map((line) => JSON.parse(line));
    expect(objects[0]).toEqual({ time: expect.any(String), level: "debug", message: "one", n: 1 });
    expect(objects.map(({ level }) => level)).toEqual(["debug", "info", "info", "warn", "error"]);
  });

  test("a line that repeats itself is written each time", () => {
    const lines: string[] = [];
    const log = createLog("pretty", "info", { write: (text) => lines.push(text) });
    for (let count = 0; count < 20; count++) log.info("again");
    expect(lines).toHaveLength(20);
  });
});
