import { expect, test } from "bun:test";
import type { BackendStatus } from "../../src/core/backend-status.ts";
import { until } from "../raw/within.ts";
import { Stage } from "./stage.ts";

/** So that no check decides anything after the first. */
const NO_CHECKS = ["-health-check-interval", "1h"] as const;

/** The statuses of so many answers, one after another. */
async function statusesOf(url: string, count: number): Promise<number[]> {
  const seen: number[] = [];
  for (let request = 0; request < count; request++) {
    const response = await fetch(`${url}/work`);
    await response.text();
    seen.push(response.status);
  }
  return seen;
}

/** What the balancer says of its second server. */
async function secondOf(url: string): Promise<BackendStatus | undefined> {
  const status = (await (await fetch(`${url}/lb-status`)).json()) as { backends: BackendStatus[] };
  return status.backends[1];
}

test("a server that answers 503 costs five requests, and then no more", async () => {
  await using stage = await Stage.start(3, ...NO_CHECKS, "-outlier-ejection-time", "1h");
  const [, origin = ""] = stage.origins;
  await (await fetch(`${origin}/fail`)).text();
  expect((await statusesOf(stage.url, 30)).filter((status) => status === 503)).toHaveLength(5);
  await stage.balancer.wrote(new RegExp(`${origin} is ejected: 5 gateway failures in a row, for 3600 s`));
  expect(await secondOf(stage.url)).toMatchObject({
    url: origin,
    alive: false,
    state: "ejected",
    failures: 5,
    ejections: 1,
  });
});

test("it is tried again when its time is over", async () => {
  await using stage = await Stage.start(3, ...NO_CHECKS, "-outlier-ejection-time", "100ms");
  const [, origin = ""] = stage.origins;
  await (await fetch(`${origin}/fail`)).text();
  expect(await statusesOf(stage.url, 15)).toContain(503);
  await (await fetch(`${origin}/recover`)).text();
  await stage.balancer.wrote(new RegExp(`${origin} is up: ejected for 0.1 s, now tried again`));
  await until("it is alive", async () => (await secondOf(stage.url))?.alive === true);
  expect(new Set(await statusesOf(stage.url, 9))).toEqual(new Set([200]));
});
