import { type ConsolaInstance, createConsola, type LogObject } from "consola/core";
import type { LOG_FORMATS, LOG_LEVELS } from "../config/process.ts";
import { type Paint, paintFor } from "./colours.ts";

/** What belongs to a log line besides its sentence; shown in JSON only. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** Where the balancer says what happens to it: one sentence a line. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  /** Something came right. */
  success(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Where lines go: standard output, or a list in a test. */
export interface LogStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Makes a log that writes to the stream. */
export function createLog(
  format: (typeof LOG_FORMATS)[number],
  level: (typeof LOG_LEVELS)[number],
  stream: LogStream,
): Log {
  const line = format === "json" ? jsonLine : stream.isTTY === true ? shownLine(paintFor(stream)) : plainLine;
  const consola: ConsolaInstance = createConsola({
    // By its name consola would take "silent" for a level that still logs some kinds.
    level: LEVEL_NUMBERS[level],
    // consola swallows lines that repeat themselves; a log must not.
    throttle: 0,
    reporters: [{ log: (entry) => void stream.write(`${line(entry)}\n`) }],
  });
  return {
    debug: (message, fields) => consola.debug(message, fields),
    info: (message, fields) => consola.info(message, fields),
    success: (message, fields) => consola.success(message, fields),
    warn: (message, fields) => consola.warn(message, fields),
    error: (message, fields) => consola.error(message, fields),
  };
}

/**
 * Lets the program live on when whoever reads its output ends, as `head` does: a balancer must not stop for
 * want of a reader. Every other failure to write is told on standard error.
 */
export function outliveReader(stream: NodeJS.WriteStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") process.stderr.write(`lb: cannot write the log: ${error.message}\n`);
  });
}

const LEVEL_NUMBERS = { silent: -1, error: 0, warn: 1, info: 3, debug: 4 };

const SIGNS = {
  debug: ["gray", "·"],
  info: ["cyan", "●"],
  success: ["green", "✔"],
  warn: ["yellow", "▲"],
  error: ["red", "✖"],
} as const;

type Kind = keyof typeof SIGNS;

/** For a terminal: the time of day, a coloured sign, the sentence. */
function shownLine(paint: Paint): (entry: LogObject) => string {
  return ({ date, type, args }) => {
    const [colour, sign] = SIGNS[type as Kind];
    const time = date.toTimeString().slice(0, 8);
    return `${paint("gray", time)} ${paint(colour, sign)} ${args[0]}`;
  };
}

/** For files and pipes: the full time, the level, the sentence. */
function plainLine({ date, type, args }: LogObject): string {
  return `${date.toISOString()} ${levelOf(type).padEnd(5)} ${args[0]}`;
}

/** For programs: one object a line. */
function jsonLine({ date, type, args }: LogObject): string {
  const [message, fields] = args as [string, LogFields | undefined];
  return JSON.stringify({ time: date.toISOString(), level: levelOf(type), message, ...fields });
}

function levelOf(type: string): string {
  return type === "success" ? "info" : type;
}
