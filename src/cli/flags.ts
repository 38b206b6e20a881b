import type { ArgDef } from "citty";

/** One flag: citty's description of it, and what else there is to know. */
export interface Flag {
  /** `string` takes a value, `boolean` none. */
  readonly type: "string" | "boolean";
  /** One line for the help. */
  readonly description: string;
  /** What the value is called in the help: `URL[,URL…]`. */
  readonly valueHint?: string;
  /** The default, as one would write it; none if the flag is needed or off. */
  readonly default?: string;
  /** True if giving it again adds to it; otherwise the last one counts. */
  readonly isList?: boolean;
  /** A letter that stands for it after one dash, in its own case: `H`. */
  readonly letter?: string;
  /** The key of a config file that it sets, by which a `ConfigError` may name it; of listeners without an index. */
  readonly key?: string;
}

/** The flags of one command by their names, without dashes, in the order of the help. */
export type Flags = Readonly<Record<string, Flag>>;

/** The same, as citty takes it: without the defaults, since a value that was not given must not look given. */
export function cittyArgs(flags: Flags): Record<string, ArgDef> {
  const args: Record<string, ArgDef> = {};
  for (const [name, { type, description, valueHint }] of Object.entries(flags)) {
    args[name] = { type, description, ...(valueHint === undefined ? {} : { valueHint }) };
  }
  return args;
}

/** The environment variable that stands for a flag: `LB_HEALTH_PATH` for `health-path`. */
export function variableOf(flagName: string): string {
  return `LB_${flagName.toUpperCase().replaceAll("-", "_")}`;
}
