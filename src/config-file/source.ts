import { ConfigError, type ConfigPath, type ConfigProblem } from "../config/problem.ts";
import type { Place } from "./text-place.ts";

/** A config as it stands in a file. */
export interface ConfigSource {
  /** What the file holds; nothing has been checked but its syntax. */
  readonly value: unknown;
  /** The file, as it was named. */
  readonly file: string;
  /** Every file that it was read from, as absolute paths: the file itself, and the modules that it imports. */
  readonly files: readonly string[];
  /**
   * Where something stands, or undefined if the file has no places to tell: it is a program.
   *
   * @param path To what. If it is not there, the place is that of the nearest parent that is.
   * @param of The key, or the value that it has. An entry of a list has no key: its value counts as one.
   */
  where(path: ConfigPath, of: "key" | "value"): Place | undefined;
  /** Whether the path leads to something in the file. Of a program, it is taken to. */
  has(path: ConfigPath): boolean;
  /**
   * The value once more, with what came from variables at these paths read the other way: text as the number, true or
   * false that it looks like, or the other way round. A file cannot say which is meant where a variable stands for all
   * of a value; the one who knows what is expected can.
   *
   * @returns Undefined if nothing at these paths may be read otherwise.
   */
  reread(paths: readonly ConfigPath[]): unknown;
}

/** A file that is no config: it cannot be read, not be understood, or says what makes no sense. */
export class ConfigFileError extends ConfigError {
  /** The files that were read until then: a change in one of them may mend it. */
  readonly files: readonly string[];

  constructor(problems: readonly ConfigProblem[], files: readonly string[]) {
    super(problems);
    this.files = files;
  }
}

/** A problem that no key has: it is a file's, or that of a place in one. */
export function fileProblem(file: string, message: string, place?: Place): ConfigProblem {
  return { path: [], place: "", message, at: { file, ...place } };
}
