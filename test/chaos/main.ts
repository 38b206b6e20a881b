/**
 * `bun run chaos`: the compiled binary before backends that die, stop, fail and dawdle. Ends with 1 if anything
 * happened that must not. `--plain` leaves out the flags that keep GETs from failing; what follows `--` is added.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    connections: { type: "string", default: "64" },
    plain: { type: "boolean", default: false },
  },
  allowPositionals: true,
});

/** More of the same says nothing new. */
const MOST_SHOWN = 20;

const BINARY = join(import.meta.dir, "../../lb");
process.env.LB_BINARY ??= BINARY;
if (!existsSync(process.env.LB_BINARY))
  throw new Error(`${process.env.LB_BINARY} is not there: bun run build`);

// Not before the binary is named.
const { chaos, STEADY_FLAGS } = await import("./chaos.ts");
const flags = [...(values.plain ? [] : STEADY_FLAGS), ...positionals];
console.log(`seed ${values.seed}; lb ${flags.join(" ")}`);
const outcome = await chaos({
  seed: Number(values.seed),
  seconds: Number(values.seconds),
  connections: Number(values.connections),
  flags,
});
const total = [...outcome.fates.values()].reduce((sum, count) => sum + count, 0);
console.log(
  `${total} requests on ${outcome.connections} connections, the longest ${outcome.longestMs.toFixed(0)} ms`,
);
for (const [fate, count] of [...outcome.fates].sort()) console.log(`  ${fate}: ${count}`);
for (const [why, count] of [...outcome.failures].sort()) console.log(`  failed, ${why}: ${count}`);
console.log(
  `troubles: ${Object.entries(outcome.troubles)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ")}`,
);
console.log(`tries that failed: ${outcome.failedTries}`);
for (const { memoryMib, descriptors } of outcome.footprints)
  console.log(`  ${memoryMib} MiB, ${descriptors} descriptors`);
for (const violation of outcome.violations.slice(0, MOST_SHOWN)) console.error(violation);
console.log(`${outcome.violations.length} violations`);
process.exit(outcome.violations.length > 0 ? 1 : 0);
