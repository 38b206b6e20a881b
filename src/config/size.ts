import { ConfigError } from "./problem.ts";

const UNIT_BYTES: Record<string, number> = {
  B: 1,
  kB: 1_000,
  KB: 1_000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

/**
 * Reads a number of bytes as people write it: `65536`, `64KiB`, `1.5MB`, `0`. Units are those of IEC 80000-13:
 * `KiB` is 1,024 bytes, `kB` and `KB` are 1,000.
 *
 * @param place What to call it in an error: a flag, a variable or a key.
 * @returns A whole number of bytes.
 * @throws ConfigError for anything else.
 */
export function parseSizeBytes(text: string, place: string): number {
  const match = /^(\d+(?:\.\d+)?)([kKMG]i?B|B)?$/.exec(text.trim());
  const bytes = match === null ? Number.NaN : Number(match[1]) * (UNIT_BYTES[match[2] ?? "B"] ?? Number.NaN);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new ConfigError(`${place}: found "${text}", expected a size such as 64KiB, 1MB or 0`);
}

/** A number of bytes as one would write it: `64KiB`, `1500B`, `0`. */
export function sizeText(bytes: number): string {
  if (bytes === 0) return "0";
  const unit =
    (["GiB", "MiB", "KiB", "B"] as const).find((name) => bytes % (UNIT_BYTES[name] ?? 1) === 0) ?? "B";
  return `${bytes / (UNIT_BYTES[unit] ?? 1)}${unit}`;
}
