import type { ConfigPath, ConfigProblem } from "../config/problem.ts";
import { problemSentence } from "../config/problem.ts";
import { placeOf } from "../config/schema/check.ts";
import type { ConfigSource } from "../config-file/index.ts";
import { inFile } from "../config-file/index.ts";
import type { Given } from "./given.ts";

/** Where what a config says was written: in a flag, a variable, or the config file. */
export class Places {
  readonly #given: Given;
  readonly #source: ConfigSource | undefined;

  /** @param source The config file; undefined without one. */
  constructor(given: Given, source: ConfigSource | undefined) {
    this.#given = given;
    this.#source = source;
  }

  /** Problems with a config, each with its place as the user knows it: flags and variables first, then the file's lines. */
  placed(problems: readonly ConfigProblem[]): ConfigProblem[] {
    const ofFlags: ConfigProblem[] = [];
    const ofFile: ConfigProblem[] = [];
    for (const problem of problems) {
      const flag = this.#given.flagOf(problem.place);
      if (flag !== undefined) ofFlags.push({ ...problem, place: this.#given.place(flag) });
      // What flags alone say wrong is a whole sentence.
      else if (problem.place === "") ofFlags.push(problem);
      else ofFile.push(problem);
    }
    return [...ofFlags, ...(this.#source === undefined ? ofFile : inFile(ofFile, this.#source))];
  }

  /**
   * What a sentence on the value at a path begins with: `--port`, or `lb.yaml:3:11: listeners[0].port`.
   *
   * @param flag The flag that says the same; it is named where there is no file.
   */
  of(path: ConfigPath, flag: string): string {
    if (this.#source === undefined || this.#given.has(flag)) return this.#given.place(flag);
    const [placed] = inFile([{ path, place: placeOf(path), message: "" }], this.#source);
    return problemSentence(placed as ConfigProblem);
  }
}
