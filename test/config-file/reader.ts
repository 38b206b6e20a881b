/**
 * A program to be compiled: reads the config file that each line on its input names, and writes a line of JSON on it. For
 * `LATE`, it calls the function of that name in the config that it read last; for `MEMORY`, it says how much it takes. A
 * file after `IMPATIENT ` is waited for by a clock on which all time is over at once.
 */
import { createInterface } from "node:readline";
import { ConfigFileError, readConfigFile } from "../../src/config-file/index.ts";
import type { Clock } from "../../src/core/clock.ts";
import { systemClock } from "../../src/system.ts";

const IMPATIENT = "IMPATIENT ";

const impatientClock: Clock = {
  nowMs: () => 0,
  after(_delayMs, fn) {
    const timer = setImmediate(fn);
    return () => clearImmediate(timer);
  },
};

let last: { late?: () => unknown } = {};

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}

async function answer(line: string): Promise<unknown> {
  if (line === "LATE") return { value: await last.late?.() };
  if (line === "MEMORY") {
    Bun.gc(true);
    return { value: process.memoryUsage().rss };
  }
  try {
    const [file, clock] = line.startsWith(IMPATIENT)
      ? [line.slice(IMPATIENT.length), impatientClock]
      : [line, systemClock];
    const { value, files } = await readConfigFile(file, process.env, clock);
    last = value as typeof last;
    return { value, files };
  } catch (error) {
    if (error instanceof ConfigFileError) return { message: error.message, files: error.files };
    throw error;
  }
}
