/** Configs that running workers read again. */
import { expect, test } from "bun:test";
import { resolveConfig } from "../../src/config/config.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { A, setUp } from "./staged-supervisor.ts";

test("another config: its backends are checked, workers go by it, and then hear of all backends", async () => {
  const { clock, workers, supervisor } = setUp();
  await supervisor.start();
  supervisor.check();
  await clock.run(10);
  const done = supervisor.reload(resolveConfig({ backends: [A, "http://b:1"] }).pools);
  await settled();
  const asked = workers.all.flatMap(({ heard }) => heard.filter(({ type }) => type === "reload"));
  expect(asked).toHaveLength(2);
  workers.all[0]?.says({ type: "reloaded", id: 0 });
  workers.all[1]?.says({ type: "reloaded", id: 0, problem: "lb.yaml: it is gone" });
  expect(await done).toEqual(["worker 2: lb.yaml: it is gone"]);
  const told = workers.all.map(({ heard }) =>
    heard.flatMap((message) => (message.type === "found" ? [message.found.origin] : [])).slice(-2),
  );
  expect(told).toEqual([
    [A, "http://b:1"],
    [A, "http://b:1"],
  ]);
  expect(supervisor.status().backends.map(({ url }) => url)).toEqual([A, "http://b:1"]);
});

test("a worker that does not say in time that it goes by another config is told of; one that ended is not waited for", async () => {
  const { clock, workers, supervisor } = setUp();
  await supervisor.start();
  const done = supervisor.reload(resolveConfig({ backends: [A] }).pools);
  await settled();
  workers.all[1]?.dies();
  await clock.run(31_000);
  expect(await done).toEqual(["worker 1: no answer within 30 s"]);
});

test("a worker that is just starting reads the config again too: it may have read the one before", async () => {
  const { clock, workers, supervisor } = setUp();
  await supervisor.start();
  workers.areQuick = false;
  workers.all[0]?.dies();
  await clock.run(100);
  const starting = workers.all[2];
  const done = supervisor.reload(resolveConfig({ backends: [A] }).pools);
  workers.all[1]?.says({ type: "reloaded", id: 0 });
  await settled();
  expect(starting?.kinds).toEqual([]);
  starting?.says({ type: "ready" });
  await settled();
  expect(starting?.kinds.toSorted()).toEqual(["listen", "reload"]);
  starting?.says({ type: "reloaded", id: 0 });
  expect(await done).toEqual([]);
});

test("one worker that takes long to read the config does not keep the others from hearing of new backends", async () => {
  const { workers, supervisor } = setUp();
  await supervisor.start();
  supervisor.check();
  await settled();
  const done = supervisor.reload(resolveConfig({ backends: [A, "http://b:1"] }).pools);
  await settled();
  workers.all[0]?.says({ type: "reloaded", id: 0 });
  await settled();
  expect(workers.all[0]?.kinds.slice(-2)).toEqual(["found", "found"]);
  workers.all[1]?.dies();
  expect(await done).toEqual([]);
});

test("a config that cannot be checked changes nothing, in none of its pools", async () => {
  const { supervisor } = setUp();
  await supervisor.start();
  const pools = {
    default: { backends: ["http://other:1"] },
    secure: { backends: ["https://b:1"], healthCheck: { tls: { serverName: "b.test" } } },
  };
  const { pools: resolved } = resolveConfig({ pools, routes: [{ pool: "default" }] });
  await expect(supervisor.reload(resolved)).rejects.toThrow("healthCheck.tls");
  expect(supervisor.status().backends.map(({ url }) => url)).toEqual([A]);
});
