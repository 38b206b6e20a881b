import { expect, test } from "bun:test";
import { plain } from "../../src/cli/colours.ts";
import { Shares } from "../../src/cli/demo/shares.ts";
import { type DemoView, picture, summaryLine } from "../../src/cli/demo/view.ts";

const VIEW: DemoView = {
  url: "http://localhost:8080",
  algorithm: "round-robin",
  perSecond: 20,
  elapsedMs: 61_000,
  servers: [
    { name: "Server-1", port: 8081, state: "up", share: 0.5, requests: 10, failures: 0, latencyMs: 1.25 },
    { name: "Server-2", port: 8082, state: "killed", share: 0, requests: 3, failures: 1, latencyMs: null },
  ],
  clients: { answers: 12, errors: 0, medianMs: 1 },
  events: ["Server-2 was killed"],
  hasKeys: true,
};

test("the picture fits an ordinary terminal, and has a line for each server", () => {
  const lines = picture(VIEW, 80, plain);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  const servers = lines.filter((line) => line.includes("Server-") && line.includes("%"));
  expect(servers.map((line) => line.replace(/\s+/g, " "))).toEqual([
    " 1 ● Server-1 :8081 up █████░░░░ 50% 10 0 1.3 ms",
    " 2 ✖ Server-2 :8082 killed ░░░░░░░░░ 0% 3 1 -",
  ]);
});

test("the line for a pipe says the same", () => {
  expect(summaryLine(VIEW)).toBe(
    "01:01 | Server-1 up 50% 10 requests 0 failed tries 1.3 ms | Server-2 killed 0% 3 requests 1 failed tries - | clients 12 answers 0 errors",
  );
});

test("shares are of the last two seconds", () => {
  const shares = new Shares();
  expect(shares.observe([0, 0], 0)).toEqual([0, 0]);
  expect(shares.observe([3, 1], 1_000)).toEqual([0.75, 0.25]);
  expect(shares.observe([3, 1], 1_001)).toEqual([0.75, 0.25]);
  expect(shares.observe([3, 5], 2_000)).toEqual([3 / 8, 5 / 8]);
  expect(shares.observe([3, 9], 3_100)).toEqual([0, 1]);
  expect(shares.observe([3, 9], 9_000)).toEqual([0, 0]);
});
