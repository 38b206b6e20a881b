import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import { ConfigFileError, fileProblem } from "./source.ts";

/** The largest file that is read, in bytes. A Kubernetes ConfigMap holds an eighth of it. */
export const MOST_BYTES = 8 * 1024 * 1024;

const WHY: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "nothing there"],
  ["EACCES", "one that this user may not read"],
]);

/** What a file holds. @throws ConfigFileError if it cannot be read, or is too large. */
export async function fileBytes(file: string): Promise<Uint8Array> {
  // To open a pipe that nobody writes to would otherwise last until somebody does.
  const opened = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((error) =>
    notRead(file, error),
  );
  try {
    return await contents(file, opened);
  } finally {
    await opened.close();
  }
}

async function contents(file: string, opened: FileHandle): Promise<Uint8Array> {
  const found = await opened.stat();
  if (found.isDirectory()) throw notConfig(file, "a folder");
  // What a pipe or a device gives is gone when the config is read again, and may have no end.
  if (!found.isFile()) throw notConfig(file, "a pipe or a device");
  if (found.size > MOST_BYTES) {
    throw unreadable(file, `found ${found.size} bytes, expected at most ${MOST_BYTES}`);
  }
  return opened.readFile().catch((error) => notRead(file, error));
}

function notRead(file: string, { code }: { code?: unknown }): never {
  throw notConfig(file, WHY.get(code) ?? `one that cannot be read (${String(code)})`);
}

function notConfig(file: string, found: string): ConfigFileError {
  return unreadable(file, `found ${found}, expected a config file`);
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
