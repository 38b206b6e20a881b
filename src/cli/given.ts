import { parseDurationMs } from "../config/duration.ts";
import { ConfigError, didYouMean } from "../config/problem.ts";
import { orList } from "../config/schema/values.ts";
import { parseSizeBytes } from "../config/size.ts";
import { type Flags, variableOf } from "./flags.ts";

/** The environment, as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What was given to a command, on its command line or in the environment, and where: a mistake in a value
 * is told with the name of the place it came from.
 */
export class Given {
  readonly #flags: Flags;
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly #environment: Environment;

  /**
   * @param values From the command line; these count more than the environment.
   * @param environment Where each flag's variable is looked for; empty for commands that have none.
   */
  constructor(flags: Flags, values: ReadonlyMap<string, readonly string[]>, environment: Environment) {
    this.#flags = flags;
    this.#values = values;
    this.#environment = environment;
  }

  /** The value, or undefined if it was given nowhere. An empty variable counts as none. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1) ?? this.#variable(name);
  }

  /** Whether it was given anywhere. */
  has(name: string): boolean {
    return this.text(name) !== undefined;
  }

  /** All values, each as it was given, for what may itself have commas. */
  all(name: string): readonly string[] {
    const variable = this.#variable(name);
    return this.#values.get(name) ?? (variable === undefined ? [] : [variable]);
  }

  /** The entries of a comma-separated list, or undefined if it was given nowhere. */
  list(name: string): string[] | undefined {
    const variable = this.#variable(name);
    const values = this.#values.get(name) ?? (variable === undefined ? undefined : [variable]);
    return values?.flatMap((value) => (value === "" ? [] : value.split(",").map((entry) => entry.trim())));
  }

  /**
   * Whether a switch is on.
   *
   * @throws ConfigError if its value is neither true nor false.
   */
  isOn(name: string): boolean {
    const text = this.text(name);
    if (text === undefined || text === "false" || text === "0") return false;
    if (text === "true" || text === "1") return true;
    throw new ConfigError(`${this.place(name)}: found "${text}", expected true or false`);
  }

  /** @throws ConfigError unless it is a whole number from `least` to `most`. */
  wholeNumber(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new ConfigError(
      `${this.place(name)}: found "${text}", expected a whole number from ${least} to ${most}`,
    );
  }

  /** @throws ConfigError unless it is a number from `least` to `most`. */
  decimal(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new ConfigError(`${this.place(name)}: found "${text}", expected a number from ${least} to ${most}`);
  }

  /**
   * A duration in milliseconds.
   *
   * @param allowZero Whether 0 is allowed, to turn something off.
   * @throws ConfigError unless it is one.
   */
  durationMs(name: string, allowZero = false): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : parseDurationMs(text, this.place(name), allowZero);
  }

  /**
   * A share, from 0 to 1.
   *
   * @throws ConfigError unless it is a percentage: `5%`, or `0`.
   */
  share(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
    const value = text === "0" ? 0 : percent === undefined ? Number.NaN : Number(percent) / 100;
    if (value >= 0 && value <= 1) return value;
    throw new ConfigError(`${this.place(name)}: found "${text}", expected a share such as 5%, at most 100%`);
  }

  /**
   * A number of bytes.
   *
   * @throws ConfigError unless it is one.
   */
  sizeBytes(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : parseSizeBytes(text, this.place(name));
  }

  /** What the user wrote the value of a flag into: `--port`, or `LB_PORT`. */
  place(name: string): string {
    const fromVariable = !this.#values.has(name) && this.#variable(name) !== undefined;
    return fromVariable ? variableOf(name) : `--${name}`;
  }

  /** The flag that was given and sets what stands at a place in a config; undefined if none was. */
  flagOf(place: string): string | undefined {
    // Of several listeners, all are set alike.
    const key = place.replace(/^listeners\[\d+\]/, "listeners");
    return Object.keys(this.#flags).find((flag) => this.#flags[flag]?.key === key && this.has(flag));
  }

  /**
   * One of these words, or undefined if it was given nowhere.
   *
   * @throws ConfigError if it is another.
   */
  oneOf<T extends string>(name: string, words: readonly T[]): T | undefined {
    const text = this.text(name);
    const word = words.find((candidate) => candidate === text);
    if (text === undefined || word !== undefined) return word;
    const expected = `${orList(words)}${didYouMean(text, words)}`;
    throw new ConfigError(`${this.place(name)}: found "${text}", expected ${expected}`);
  }

  /** The error with the config keys that its sentences begin with replaced by their flags' places, where they have one. */
  inUsersWords({ problems }: ConfigError): ConfigError {
    return new ConfigError(
      problems.map((problem) => {
        const name = Object.keys(this.#flags).find((flag) => this.#flags[flag]?.key === problem.place);
        return name === undefined ? problem : { ...problem, place: this.place(name) };
      }),
    );
  }

  #variable(name: string): string | undefined {
    const value = this.#environment[variableOf(name)];
    return value === "" ? undefined : value;
  }
}
