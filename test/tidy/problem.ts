import type { SourceFile } from "./source-file.ts";

/** Something untidy: where, and what to do about it. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly advice: string;
}

/** A rule of the house: from all files to what breaks it. */
export type Rule = (files: readonly SourceFile[]) => Problem[];

/** As compilers write it, so that editors make it a link. */
export function problemText({ path, line, advice }: Problem): string {
  return `${path}:${line}: ${advice}`;
}

/** The lines of a file that match, with what to do about each. */
export function matchingLines(
  file: SourceFile,
  lines: readonly string[],
  pattern: RegExp,
  advice: (match: string) => string,
): Problem[] {
  return lines.flatMap((text, index) => {
    const match = pattern.exec(text);
    return match === null ? [] : [{ path: file.path, line: index + 1, advice: advice(match[0]) }];
  });
}
