import { dirname, join, relative } from "node:path";
import type { ConfigProblem } from "../config/problem.ts";
import { fileProblem } from "./source.ts";
import type { Place } from "./text-place.ts";

/**
 * Why a program could not be run, in sentences with their places: what Bun could not read of it or of its modules, or
 * what it threw.
 *
 * @param file The program, as it was named; its modules are named from there.
 * @param files The absolute paths of the program, which is the first, and of its modules.
 */
export function programProblems(file: string, files: readonly string[], error: unknown): ConfigProblem[] {
  const errors = error instanceof AggregateError ? error.errors.filter(isOfBuild) : [];
  const told = errors.length > 0 ? errors : [error];
  return told.map((one) => {
    const { absolute, place } = isOfBuild(one) ? builtPlace(one) : thrownPlace(one, files);
    const named = absolute === undefined ? file : namedFrom(file, files[0] as string, absolute);
    return fileProblem(named, isOfBuild(one) ? built(one) : thrown(one, file, files), place);
  });
}

interface FoundPlace {
  /** Undefined if it is not known: then it is the program. */
  readonly absolute: string | undefined;
  readonly place: Place | undefined;
}

/** What Bun throws for a module that it cannot read or find. */
interface BuildError extends Error {
  readonly position: { readonly file: string; readonly line: number; readonly column: number } | null;
  readonly specifier?: string;
  /** The module that asks for one that is not there. */
  readonly referrer?: string;
}

function isOfBuild(error: unknown): error is BuildError {
  return error instanceof Error && (error.name === "BuildMessage" || error.name === "ResolveMessage");
}

function builtPlace({ position, referrer }: BuildError): FoundPlace {
  if (!position) return { absolute: referrer ? withoutMark(referrer) : undefined, place: undefined };
  const { file, line, column } = position;
  return { absolute: withoutMark(file), place: line > 0 ? { line, column: Math.max(1, column) } : undefined };
}

function built({ message, specifier, name }: BuildError): string {
  if (name === "ResolveMessage" && specifier !== undefined) {
    return `found the import ${JSON.stringify(withoutMark(specifier))}, which is not there, expected a module`;
  }
  return `found what is no TypeScript (${oneLine(message)}), expected a program`;
}

/** The innermost place in the program or its modules that the error came by. */
function thrownPlace(error: unknown, files: readonly string[]): FoundPlace {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const [, path = "", line, column] of stack.matchAll(
    /(?:\(|at (?:async )?)([^()\n]+?):(\d+):(\d+)\)?$/gm,
  )) {
    const absolute = withoutMark(path);
    if (files.includes(absolute)) {
      return { absolute, place: { line: Number(line), column: Number(column) } };
    }
  }
  return { absolute: undefined, place: undefined };
}

function thrown(error: unknown, file: string, files: readonly string[]): string {
  if (!(error instanceof Error)) return `threw ${oneLine(String(error))}, expected a config`;
  const message = withoutMark(oneLine(error.message));
  const [, name, path = ""] = /^Export named '(.+)' not found in module '(.+)'\.?$/.exec(message) ?? [];
  if (name === undefined) return `threw ${error.name}: ${message}`;
  const from = files.includes(path) ? namedFrom(file, files[0] as string, path) : path;
  return `found the import of ${name} from ${from}, which has no such export`;
}

/** The name of a module's file, as one would write it who named the program so. */
function namedFrom(file: string, absoluteFile: string, absolute: string): string {
  return absolute === absoluteFile ? file : join(dirname(file), relative(dirname(absoluteFile), absolute));
}

/** The name of a module as users know it. */
function withoutMark(text: string): string {
  return text.replace(/\?reading=\d+/g, "");
}

function oneLine(text: string): string {
  const [line = ""] = text.trim().split("\n");
  return line;
}
