/**
 * Whatever backends and clients do, an answer belongs to its question. In the full run, `bun run soak`, there are
 * 200,000 requests.
 */
import { expect, test } from "bun:test";
import { soak, summary } from "./soak.ts";

test("10,000 requests on 64 connections get each its own answer, through 3 backends with faults", async () => {
  const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const ledger = await soak({ seed, requests: 10_000, clients: 64, backends: 3, longestMs: 30_000 });
  console.log(summary(ledger));
  expect(ledger.mixUps).toEqual([]);
  expect(ledger.answered).toBeGreaterThan(5_000);
}, 60_000);
