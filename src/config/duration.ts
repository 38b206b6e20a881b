import { ConfigError } from "./problem.ts";

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The longest delay that the runtimes' timers take: 2³¹ − 1 ms, about 24 days. */
const LONGEST_MS = 2_147_483_647;

/**
 * Reads a duration as people write it: `10` (seconds), `5s`, `500ms`, `2m`, `1h`, `1.5s`.
 *
 * @param place What to call it in an error: a flag, a variable or a key.
 * @param allowZero Whether 0 is allowed, to turn something off.
 * @returns Milliseconds.
 * @throws ConfigError for anything else.
 */
export function parseDurationMs(text: string, place: string, allowZero = false): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const ms = match === null ? Number.NaN : Number(match[1]) * (UNIT_MS[match[2] ?? "s"] as number);
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  if (ms === 0 && allowZero) return 0;
  const more = allowZero ? "0 or " : ms === 0 ? "more than 0: " : "";
  throw new ConfigError(
    `${place}: found "${text}", expected ${more}a time such as 10 (seconds), 5s or 500ms`,
  );
}
