import { expect, test } from "bun:test";
import { Given } from "../../../src/cli/given.ts";
import type { Log } from "../../../src/cli/log.ts";
import { Reloading, type TakeUp } from "../../../src/cli/reload/reloading.ts";
import { SERVE_FLAGS } from "../../../src/cli/serve-flags.ts";
import { type ServeSettings, settingsOf } from "../../../src/cli/serve-settings.ts";
import { ConfigError } from "../../../src/config/problem.ts";
import { ConfigFileError } from "../../../src/config-file/index.ts";
import { settled } from "../../simulation/virtual-clock.ts";

const FILE = "/etc/lb.yaml";

function settings(values: Record<string, string> = {}): ServeSettings {
  const given = Object.entries({ backends: "http://a:1", ...values }).map(
    ([name, value]): [string, string[]] => [name, [value]],
  );
  const read = settingsOf(new Given(SERVE_FLAGS, new Map(given), {}), undefined);
  return { ...read, source: { file: FILE, files: [FILE] } };
}

function setUp(takeUp: TakeUp = async () => []) {
  const lines: string[] = [];
  const note = (kind: string) => (message: string) => lines.push(`${kind} ${message}`);
  const log: Log = {
    debug: note("debug"),
    info: note("info"),
    success: note("success"),
    warn: note("warn"),
    error: note("error"),
  };
  const loads: ReturnType<typeof Promise.withResolvers<ServeSettings>>[] = [];
  const load = () => {
    const loading = Promise.withResolvers<ServeSettings>();
    loads.push(loading);
    return loading.promise;
  };
  const taken: ServeSettings[] = [];
  const started = settings();
  const reloading = new Reloading(
    started,
    load,
    async (next) => {
      const notes = await takeUp(next);
      taken.push(next);
      return notes;
    },
    log,
  );
  return { reloading, loads, lines, taken, started };
}

test("what is read is gone by, with all that is worth a word", async () => {
  const { reloading, loads, lines, taken } = setUp(async () => ["*:80: stays as it is"]);
  const outcome = reloading.reload("SIGHUP");
  const next = settings({ retries: "5", transport: "fetch" });
  loads[0]?.resolve(next);
  expect(await outcome).toEqual({
    reloaded: true,
    warnings: ["transport: it has changed, which only another start takes up", "*:80: stays as it is"],
  });
  expect(taken).toEqual([next]);
  expect(reloading.current).toBe(next);
  expect(lines).toEqual([
    "success SIGHUP: the config was read again",
    "warn transport: it has changed, which only another start takes up",
    "warn *:80: stays as it is",
  ]);
});

test("what is wrong changes nothing, and each mistake is told", async () => {
  const { reloading, loads, lines, taken, started } = setUp();
  const outcome = reloading.reload("lb reload");
  const at = { file: FILE, line: 2, column: 1 };
  const problems = [
    { path: ["retries"], place: "retries", message: "found -1", at },
    { path: ["x"], place: "x", message: "found 1", at: { ...at, line: 3 } },
  ];
  loads[0]?.reject(new ConfigFileError(problems, ["/etc/other.yaml"]));
  expect(await outcome).toEqual({
    reloaded: false,
    problems: [`${FILE}:2:1: retries: found -1`, `${FILE}:3:1: x: found 1`],
  });
  expect(taken).toEqual([]);
  expect(reloading.current).toBe(started);
  expect(reloading.files).toEqual([FILE, "/etc/other.yaml"]);
  expect(lines[0]).toBe("error lb reload: the config was not taken, and nothing has changed");
});

test("who cannot go by it says why, whatever is thrown", async () => {
  for (const error of [new ConfigError("listeners[0].port: port 80 is in use already"), new Error("boom")]) {
    const { reloading, loads } = setUp(() => Promise.reject(error));
    const outcome = reloading.reload("SIGHUP");
    loads[0]?.resolve(settings());
    expect(await outcome).toEqual({ reloaded: false, problems: [error.message] });
  }
});

test("however many ask while one runs, there is one more, which sees what has changed meanwhile", async () => {
  const { reloading, loads, taken } = setUp();
  const outcomes = Array.from({ length: 50 }, () => reloading.reload("SIGHUP"));
  expect(loads).toHaveLength(1);
  loads[0]?.resolve(settings());
  await outcomes[0];
  await Promise.resolve();
  expect(loads).toHaveLength(2);
  loads[1]?.resolve(settings());
  await Promise.all(outcomes);
  expect([loads.length, taken.length]).toEqual([2, 2]);
});

test("one that is asked for just when another one is over does not run beside the next", async () => {
  const { reloading, loads } = setUp();
  const outcomes = [reloading.reload("first"), reloading.reload("next")];
  loads[0]?.resolve(settings());
  while (loads.length < 2) {
    outcomes.push(reloading.reload("between"));
    await Promise.resolve();
  }
  await settled();
  expect(loads).toHaveLength(2);
  loads[1]?.resolve(settings());
  await settled();
  loads[2]?.resolve(settings());
  for (const outcome of await Promise.all(outcomes)) expect(outcome.reloaded).toBe(true);
});

test("the end waits for what is being taken up, and for nothing that is still being read", async () => {
  const taking = Promise.withResolvers<readonly string[]>();
  const { reloading, loads, taken } = setUp(() => taking.promise);
  const outcome = reloading.reload("SIGHUP");
  loads[0]?.resolve(settings());
  await settled();
  let hasEnded = false;
  const ended = reloading.end().then(() => {
    hasEnded = true;
  });
  await settled();
  expect(hasEnded).toBe(false);
  taking.resolve([]);
  await ended;
  expect(await outcome).toMatchObject({ reloaded: true });

  const hung = setUp();
  const never = hung.reloading.reload("SIGHUP");
  await hung.reloading.end();
  hung.loads[0]?.resolve(settings());
  expect(await never).toEqual({ reloaded: false, problems: ["lb is shutting down"] });
  expect([taken.length, hung.taken.length]).toEqual([1, 0]);
});

test("after the end nothing is read any more", async () => {
  const { reloading, loads } = setUp();
  await reloading.end();
  expect(await reloading.reload("SIGHUP")).toEqual({ reloaded: false, problems: ["lb is shutting down"] });
  expect(loads).toEqual([]);
});

test("at the end, what is being read is not waited for, and not gone by", async () => {
  const { reloading, loads, lines, taken } = setUp();
  const outcome = reloading.reload("SIGHUP");
  await reloading.end();
  loads[0]?.resolve(settings());
  expect(await outcome).toEqual({ reloaded: false, problems: ["lb is shutting down"] });
  expect([taken, lines]).toEqual([[], []]);
});

test("at the end, what is being taken up is waited for", async () => {
  const takingUp = Promise.withResolvers<readonly string[]>();
  const { reloading, loads } = setUp(() => takingUp.promise);
  const outcome = reloading.reload("SIGHUP");
  loads[0]?.resolve(settings());
  await settled();
  let isOver = false;
  const end = reloading.end().then(() => {
    isOver = true;
  });
  await settled();
  expect(isOver).toBe(false);
  takingUp.resolve([]);
  await end;
  expect((await outcome).reloaded).toBe(true);
});
