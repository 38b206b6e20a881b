import type { ReloadOutcome } from "../../admin/admin-service.ts";
import { ConfigError, problemSentence } from "../../config/problem.ts";
import { ConfigFileError } from "../../config-file/index.ts";
import { isSame } from "../../serving/same.ts";
import type { Log } from "../log.ts";
import type { ServeSettings } from "../serve-settings.ts";

/**
 * Goes by other settings from now on.
 *
 * @returns In sentences, what of them it cannot take up while it runs.
 * @throws ConfigError if it cannot go by them at all; then nothing has changed.
 */
export type TakeUp = (settings: ServeSettings) => Promise<readonly string[]>;

/** What only another start changes: the settings, and the keys that the user knows them by. */
const AT_START = {
  workers: "workers",
  transport: "transport",
  backendLimits: "connectTimeoutMs and maxPending",
  backendTls: "backendTls",
  admin: "admin",
  isWatched: "watch",
  logFormat: "logFormat",
  logLevel: "logLevel",
} as const satisfies Partial<Record<keyof ServeSettings, string>>;

/** Whether anything comes from a file, which may have changed. */
export function isReloadable({ source, listeners }: ServeSettings): boolean {
  return source !== undefined || listeners.some(({ tls }) => tls !== undefined);
}

/** Reads the config again, one time after the other, however often it is asked for. */
export class Reloading {
  readonly #started: ServeSettings;
  readonly #load: () => Promise<ServeSettings>;
  readonly #takeUp: TakeUp;
  readonly #log: Log;
  #current: ServeSettings;
  #files: readonly string[];
  #running: Promise<ReloadOutcome> | undefined;
  /** The next one, if one is asked for while another one runs: what changes meanwhile it sees. */
  #next: Promise<ReloadOutcome> | undefined;
  /** What the one that runs has read is being taken up. */
  #takingUp: Promise<unknown> = Promise.resolve();
  #isOver = false;

  /** @param load Reads everything anew. */
  constructor(started: ServeSettings, load: () => Promise<ServeSettings>, takeUp: TakeUp, log: Log) {
    this.#started = started;
    this.#current = started;
    this.#files = started.source?.files ?? [];
    this.#load = load;
    this.#takeUp = takeUp;
    this.#log = log;
  }

  /** What is gone by now. */
  get current(): ServeSettings {
    return this.#current;
  }

  /** The files that the config was read from, or tried to be. */
  get files(): readonly string[] {
    return this.#files;
  }

  /**
   * Refuses whatever is asked for from now on. Waits for what is being taken up, and not for what is still being read:
   * a program may take its time, and nothing comes of it any more.
   */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#takingUp.catch(() => {});
  }

  /**
   * Reads the config and goes by it, if it makes sense; otherwise nothing changes. Never rejects.
   *
   * @param why What made for it, for the log: `SIGHUP`.
   */
  reload(why: string): Promise<ReloadOutcome> {
    if (this.#running !== undefined) {
      this.#next ??= this.#running.then(() => {
        this.#next = undefined;
        return this.#run(why);
      });
      return this.#next;
    }
    return this.#run(why);
  }

  #run(why: string): Promise<ReloadOutcome> {
    this.#running = this.#once(why).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #once(why: string): Promise<ReloadOutcome> {
    if (this.#isOver) return OVER;
    if (!isReloadable(this.#started)) return { reloaded: false, problems: [NO_FILE] };
    try {
      const settings = await this.#load();
      if (this.#isOver) return OVER;
      this.#files = settings.source?.files ?? this.#files;
      const takingUp = this.#takeUp(settings);
      this.#takingUp = takingUp;
      const unchanged = await takingUp;
      this.#current = settings;
      const warnings = [
        ...settings.warnings.map(problemSentence),
        ...this.#startOnly(settings),
        ...unchanged,
      ];
      this.#log.success(`${why}: the config was read again`, { why });
      for (const warning of warnings) this.#log.warn(warning);
      return { reloaded: true, warnings };
    } catch (error) {
      if (error instanceof ConfigFileError) this.#files = [...new Set([...this.#files, ...error.files])];
      const problems = sentencesOf(error);
      this.#log.error(`${why}: the config was not taken, and nothing has changed`, { why });
      for (const problem of problems) this.#log.error(problem);
      return { reloaded: false, problems };
    }
  }

  #startOnly(settings: ServeSettings): string[] {
    return Object.entries(AT_START).flatMap(([name, key]) => {
      const [before, after] = [this.#started, settings].map((each) =>
        withoutPlaces(each[name as keyof typeof AT_START]),
      );
      return isSame(before, after) ? [] : [`${key}: it has changed, which only another start takes up`];
    });
  }
}

/** A setting without where it is written. */
function withoutPlaces(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { places: _, ...rest } = value as { places?: unknown };
  return rest;
}

const OVER: ReloadOutcome = { reloaded: false, problems: ["lb is shutting down"] };

const NO_FILE = "lb was started without a config file or certificate: there is nothing to read again";

/** All that is wrong, a sentence each. */
function sentencesOf(error: unknown): string[] {
  if (error instanceof ConfigError) return error.message.split("\n");
  return [error instanceof Error ? error.message : String(error)];
}
