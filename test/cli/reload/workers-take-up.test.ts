import { expect, test } from "bun:test";
import { Given } from "../../../src/cli/given.ts";
import { workersTakeUp } from "../../../src/cli/reload/workers-take-up.ts";
import { SERVE_FLAGS } from "../../../src/cli/serve-flags.ts";
import { type ServeSettings, settingsOf } from "../../../src/cli/serve-settings.ts";
import { ConfigError } from "../../../src/config/problem.ts";

function settings(values: Record<string, string> = {}): ServeSettings {
  const flags = { backends: "http://a:1", port: "0", ...values };
  const given = Object.entries(flags).map(([name, value]): [string, string[]] => [name, [value]]);
  return settingsOf(new Given(SERVE_FLAGS, new Map(given), {}), undefined);
}

/** Workers that only say what they were told. */
function setUp() {
  const told: string[] = [];
  const staged = { told, notes: [] as string[], failure: undefined as Error | undefined };
  const supervisor = {
    async reload() {
      told.push("reload");
      return staged.notes;
    },
    moveTo: (ports: readonly number[]) => void told.push(`move to ${ports}`),
    async roll() {
      told.push("roll");
      if (staged.failure !== undefined) throw staged.failure;
      return true;
    },
  };
  return { staged, takeUp: workersTakeUp(supervisor, settings().listeners) };
}

test("workers stay where they are unless they are to listen elsewhere", async () => {
  const { staged, takeUp } = setUp();
  staged.notes = ["worker 1: it is slow"];
  expect(await takeUp(settings({ retries: "0" }))).toEqual(staged.notes);
  expect(staged.told).toEqual(["reload"]);
  await takeUp(settings({ host: "127.0.0.1" }));
  await takeUp(settings({ host: "127.0.0.1" }));
  expect(staged.told).toEqual(["reload", "reload", "move to 0", "roll", "reload"]);
});

test("those that could not be replaced are told of, and are replaced the next time, whatever it says", async () => {
  for (const next of [{}, { host: "127.0.0.1" }]) {
    const { staged, takeUp } = setUp();
    staged.failure = new ConfigError("--host: nowhere");
    expect(await takeUp(settings({ host: "127.0.0.1" }))).toEqual([
      "listeners: not all workers could be replaced, and some listen as before: --host: nowhere",
    ]);
    staged.failure = undefined;
    staged.told.length = 0;
    expect(await takeUp(settings(next))).toEqual([]);
    await takeUp(settings(next));
    expect(staged.told).toEqual(["reload", "move to 0", "roll", "reload"]);
  }
});

test("a port of which some workers have hold is theirs, though a roll failed halfway", async () => {
  const [taken] = [Bun.serve({ port: 0, fetch: () => new Response() })];
  const port = String(taken.port);
  const { staged, takeUp } = setUp();
  await expect(takeUp(settings({ port }))).rejects.toThrow(`port ${port} is in use already`);
  expect(staged.told).toEqual([]);
  await taken.stop(true);
  staged.failure = new ConfigError("no more");
  await takeUp(settings({ port }));
  await using _worker = Bun.serve({ port: taken.port as number, fetch: () => new Response() });
  staged.failure = undefined;
  expect(await takeUp(settings({ port }))).toEqual([]);
});
