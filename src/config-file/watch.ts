import { type FSWatcher, statSync, watch } from "node:fs";
import { resolve } from "node:path";
import type { Cancel, Clock } from "../core/clock.ts";
import { foldersTo } from "./watched-folders.ts";

/** How long files must stay as they are to count as written, in milliseconds. */
export const SETTLE_MS = 100;

/** How often files are looked at where the system does not tell of changes, in milliseconds. */
export const POLL_MS = 2_000;

/** A file that is written to all the time is reported after so many looks. */
const MOST_LOOKS = 20;

/** Folders beyond these are looked at instead: the system's watches are few, and not this program's alone. */
const MOST_FOLDERS = 64;

/** Files beyond these are not watched. */
const MOST_FILES = 1_000;

/** Files that are watched until it is closed. */
export interface FileWatch {
  /** Watches these files from now on, instead of those before. */
  follow(files: readonly string[]): void;
  /** Ends it. Closing twice does nothing. */
  close(): void;
}

/** What `watchFiles` is handed beside its files. */
export interface WatchDeps {
  readonly clock: Clock;
  /** Tells of changes in a folder; it may throw. Default: the system's watches. */
  readonly watchFolder?: (folder: string, onEvent: () => void, onError: () => void) => { close(): void };
}

/**
 * Tells when files change, are replaced, go or come, once for all changes that come together. It looks at folders, since
 * editors and deployments put new files in the place of old ones; files that the system cannot watch it asks about every
 * two seconds.
 *
 * @param onChange Must not throw.
 */
export function watchFiles(files: readonly string[], onChange: () => void, deps: WatchDeps): FileWatch {
  const watch = new Watch(onChange, deps);
  watch.follow(files);
  return watch;
}

class Watch implements FileWatch {
  readonly #onChange: () => void;
  readonly #clock: Clock;
  readonly #watchFolder: NonNullable<WatchDeps["watchFolder"]>;
  /** Each file with what it was when it was last reported. */
  #reported = new Map<string, string>();
  /** Each folder with its watch, and which folder of that name it was. */
  readonly #folders = new Map<string, { readonly print: string; readonly watch: { close(): void } }>();
  /** The look at what was just changed, while one is due. */
  #settling: Cancel | undefined;
  /** The next look at what cannot be watched, while something cannot. */
  #polling: Cancel | undefined;
  #isClosed = false;

  constructor(onChange: () => void, { clock, watchFolder = systemWatch }: WatchDeps) {
    this.#onChange = onChange;
    this.#clock = clock;
    this.#watchFolder = watchFolder;
  }

  follow(files: readonly string[]): void {
    if (this.#isClosed) return;
    const known = this.#reported;
    const paths = new Set(files.slice(0, MOST_FILES).map((file) => resolve(file)));
    this.#reported = new Map([...paths].map((path) => [path, known.get(path) ?? printOf(path)]));
    this.#watchFolders();
  }

  close(): void {
    this.#isClosed = true;
    this.#settling?.();
    this.#polling?.();
    for (const { watch } of this.#folders.values()) watch.close();
    this.#folders.clear();
    this.#reported.clear();
  }

  /** Something changed, perhaps what is watched, and perhaps not for the last time. */
  #noticed(): void {
    if (this.#isClosed || this.#settling !== undefined) return;
    this.#lookSoon(this.#prints(), MOST_LOOKS);
  }

  #lookSoon(last: ReadonlyMap<string, string>, looks: number): void {
    this.#settling = this.#clock.after(SETTLE_MS, () => {
      this.#settling = undefined;
      const now = this.#prints();
      if (!areEqual(now, last) && looks > 1) return this.#lookSoon(now, looks - 1);
      this.#watchFolders();
      if (areEqual(now, this.#reported)) return;
      this.#reported = now;
      this.#onChange();
    });
  }

  #prints(): Map<string, string> {
    return new Map([...this.#reported.keys()].map((path) => [path, printOf(path)]));
  }

  /** Watches the folders that count now, and none that does not. */
  #watchFolders(): void {
    const wanted = new Set([...this.#reported.keys()].flatMap((path) => [...foldersTo(path)]));
    const watched = new Set([...wanted].slice(0, MOST_FOLDERS));
    for (const [folder, { print, watch }] of this.#folders) {
      if (watched.has(folder) && print === folderPrint(folder)) continue;
      watch.close();
      this.#folders.delete(folder);
    }
    for (const folder of watched) this.#watch(folder);
    if (this.#folders.size < wanted.size) this.#pollLater();
    else this.#stopPolling();
  }

  #watch(folder: string): void {
    if (this.#folders.has(folder)) return;
    const print = folderPrint(folder);
    try {
      const watch = this.#watchFolder(
        folder,
        () => this.#noticed(),
        () => this.#lost(folder),
      );
      this.#folders.set(folder, { print, watch });
    } catch {
      // Not there, or the system has no watches left: it is looked at instead.
    }
  }

  #lost(folder: string): void {
    this.#folders.get(folder)?.watch.close();
    this.#folders.delete(folder);
    if (this.#isClosed) return;
    this.#noticed();
    this.#pollLater();
  }

  #pollLater(): void {
    this.#polling ??= this.#clock.after(POLL_MS, () => {
      this.#polling = undefined;
      this.#watchFolders();
      if (!areEqual(this.#prints(), this.#reported)) this.#noticed();
    });
  }

  #stopPolling(): void {
    this.#polling?.();
    this.#polling = undefined;
  }
}

function systemWatch(folder: string, onEvent: () => void, onError: () => void): FSWatcher {
  return watch(folder, { persistent: false }, onEvent).on("error", onError);
}

/** What tells a file from the one that was there before: which it is, and when it was last changed. */
function printOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    // Whatever the reason, it cannot be read.
    return "";
  }
}

function folderPrint(path: string): string {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    // Not there.
    return "";
  }
}

function areEqual(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([path, print]) => b.get(path) === print);
}
