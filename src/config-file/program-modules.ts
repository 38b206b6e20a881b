import { dirname, isAbsolute } from "node:path";
import type { Clock } from "../core/clock.ts";
// Imported at once, for it is there in any case; loaded late, a bundler would wrap each of its modules in a function.
import * as library from "../index.ts";

/** One reading of a program: the modules that were read for it, each under a name of this reading's. */
interface Reading {
  /** What is added to the name of each module. */
  readonly mark: string;
  /** Their files, in the order in which they were asked for. */
  readonly files: Set<string>;
}

/** Why a reading was given up that went on for too long. */
export class TooLate extends Error {
  override readonly name = "TooLate";
}

/** What came of a reading. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

/** Bun's registry of modules is the process's, so what is known of it is too. */
const registry: {
  /** The reading under way. */
  current: Reading | undefined;
  /** The last that succeeded: what it made is in use, and may yet import more. */
  kept: Reading | undefined;
  count: number;
  isHooked: boolean;
  /** When the reading before is over: they would not tell each other's modules apart. */
  last: Promise<unknown>;
} = { current: undefined, kept: undefined, count: 0, isHooked: false, last: Promise.resolve() };

/**
 * Imports a module, and the modules that it imports, as they are in their files now; what is in `node_modules` is
 * imported once in a process. `lb` is this program's own library, wherever the module is.
 *
 * A module of an earlier reading cannot be taken out of Bun's registry for certain: one that failed to link stays there.
 * So each reading gives the modules names of its own, by a query; and those of the reading before are let go when
 * the next has succeeded.
 *
 * @param file An absolute path.
 * @param use What to do with the module before the reading counts as succeeded.
 * @param timeoutMs The longest that both may take, in milliseconds. What takes longer goes on, but nobody waits for it: the
 *   next reading could not begin.
 * @returns Also which files were read, whether or not it succeeded. Its error is a `TooLate` if it took too long.
 */
export function importAnew<Module, T>(
  file: string,
  use: (module: Module) => T | Promise<T>,
  timeoutMs: number,
  clock: Clock,
): Promise<{ readonly files: string[]; readonly outcome: Outcome<T> }> {
  const reading = registry.last.then(() => read(file, use, timeoutMs, clock));
  registry.last = reading;
  return reading;
}

async function read<Module, T>(
  file: string,
  use: (module: Module) => T | Promise<T>,
  timeoutMs: number,
  clock: Clock,
): Promise<{ readonly files: string[]; readonly outcome: Outcome<T> }> {
  hook();
  registry.count += 1;
  const reading: Reading = { mark: `?reading=${registry.count}`, files: new Set([file]) };
  registry.current = reading;
  const outcome = await inTime(import(file + reading.mark).then(use), timeoutMs, clock).then(
    (value): Outcome<T> => ({ ok: true, value }),
    (error: unknown): Outcome<T> => ({ ok: false, error }),
  );
  registry.current = undefined;
  const over = outcome.ok ? registry.kept : reading;
  if (outcome.ok) registry.kept = reading;
  if (over !== undefined) letGo(over);
  return { files: [...reading.files], outcome };
}

async function inTime<T>(made: Promise<T>, timeoutMs: number, clock: Clock): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(timeoutMs, () => reject(new TooLate()));
  try {
    return await Promise.race([made, late]);
  } finally {
    cancel();
  }
}

function letGo({ mark, files }: Reading): void {
  for (const file of files) delete require.cache[file + mark];
}

/** From now on imports are looked at: once, and for good, since Bun takes back no single hook. */
function hook(): void {
  if (registry.isHooked) return;
  registry.isHooked = true;
  Bun.plugin({
    name: "lb",
    setup(build) {
      build.module("lb", () => ({ exports: { ...library }, loader: "object" }));
      build.onResolve({ filter: /./ }, ({ path, importer }) => {
        const reading = readingOf(importer);
        if (reading === undefined || path === "lb") return undefined;
        const file = ownFile(path, importer);
        if (file === undefined) return undefined;
        reading.files.add(file);
        return { path: file + reading.mark };
      });
    },
  });
}

/** The reading that a module belongs to. Bun names the module without its query. */
function readingOf(importer: string): Reading | undefined {
  const { current, kept } = registry;
  return current?.files.has(importer) ? current : kept?.files.has(importer) ? kept : undefined;
}

/** The file that an import means, if it is one of the user's own. */
function ownFile(path: string, importer: string): string | undefined {
  try {
    const file = Bun.resolveSync(path, dirname(importer));
    return isAbsolute(file) && !/[\\/]node_modules[\\/]/.test(file) ? file : undefined;
  } catch {
    // It is not there: Bun tells it with the place of the import.
    return undefined;
  }
}
