import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ConfigFileError, fileProblem } from "./source.ts";

/** The largest file that is read, in bytes. A Kubernetes ConfigMap holds an eighth of it. */
export const MOST_BYTES = 8 * 1024 * 1024;

const WHY: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "nothing there"],
  ["EISDIR", "a folder"],
  ["EACCES", "one that this user may not read"],
]);

/** What a file holds. @throws ConfigFileError if it cannot be read, or is too large. */
export async function fileBytes(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((error: { code?: unknown }) => {
    const why = WHY.get(error.code) ?? `one that cannot be read (${String(error.code)})`;
    throw unreadable(file, `found ${why}, expected a config file`);
  });
  if (bytes.length <= MOST_BYTES) return bytes;
  throw unreadable(file, `found ${bytes.length} bytes, expected at most ${MOST_BYTES}`);
}

/** The text of a file, without a byte order mark. @throws ConfigFileError also if it is not UTF-8. */
export async function fileText(file: string): Promise<string> {
  const bytes = await fileBytes(file);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Where the first of them is, no runtime tells.
    throw unreadable(file, "found bytes that are not UTF-8, expected text");
  }
}

/** What is wrong with a file as a whole. */
export function unreadable(file: string, message: string): ConfigFileError {
  return new ConfigFileError([fileProblem(file, message)], [resolve(file)]);
}
