import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseSizeBytes, sizeText } from "../../src/config/size.ts";
import { messageOf } from "./message-of.ts";

test.each([
  ["0", 0],
  ["0MiB", 0],
  ["1500", 1_500],
  ["10B", 10],
  ["1kB", 1_000],
  ["1KB", 1_000],
  ["64KiB", 65_536],
  ["2MiB", 2_097_152],
  ["1.5MB", 1_500_000],
  ["0.5KiB", 512],
  ["1GiB", 1_073_741_824],
  [" 1GB ", 1_000_000_000],
] as const)("%s is %d bytes", (text, bytes) => {
  expect(parseSizeBytes(text, "--replay-limit")).toBe(bytes);
});

test.each([
  "",
  "some",
  "-1",
  "64 KiB",
  "64k",
  "64K",
  "64kib",
  "64kiB",
  "64iB",
  "64Kb",
  "1TB",
  "1e3",
  ".5MB",
  "1.5B",
  "0.3KiB",
])("refuses %p", (text) => {
  expect(messageOf(() => parseSizeBytes(text, "--replay-limit"))).toBe(
    `--replay-limit: found "${text}", expected a size such as 64KiB, 1MB or 0`,
  );
});

test("what is written is read again", () => {
  expect([0, 1, 1_500, 65_536, 3_145_728].map(sizeText)).toEqual(["0", "1B", "1500B", "64KiB", "3MiB"]);
  fc.assert(
    fc.property(fc.nat(), (bytes) => {
      expect(parseSizeBytes(sizeText(bytes), "x")).toBe(bytes);
    }),
  );
});
