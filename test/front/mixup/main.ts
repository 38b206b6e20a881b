/**
 * The full run: 200,000 requests, or as many as go in less than two minutes. `SOAK_SEED` repeats one, as far as
 * the kernel lets it; `SOAK_REQUESTS` makes it longer or shorter. Ends with 1 if anything was mixed up.
 */
import { soak, summary } from "./soak.ts";

const { SOAK_SEED = String(Math.floor(Math.random() * 2 ** 31)), SOAK_REQUESTS = "200000" } = process.env;
const startMs = performance.now();
const ledger = await soak({
  seed: Number(SOAK_SEED),
  requests: Number(SOAK_REQUESTS),
  clients: 64,
  backends: 3,
  longestMs: 100_000,
});
const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
console.log(`${summary(ledger)}, in ${seconds} s`);
for (const mixUp of ledger.mixUps) console.error(mixUp);
process.exit(ledger.mixUps.length > 0 ? 1 : 0);
