import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** One source file, as the tidiness rules look at it. Paths are relative to the repository, with slashes. */
export interface SourceFile {
  readonly path: string;
  readonly lines: readonly string[];
  /** The lines without comments. */
  readonly code: readonly string[];
  /** The lines without comments and without what stands in strings and regular expressions. */
  readonly bareCode: readonly string[];
  readonly imports: readonly Import[];
}

/** One import or re-export, static or dynamic, of values or of types. */
export interface Import {
  readonly line: number;
  /** A path in the repository for a relative import, else the specifier as it stands. */
  readonly target: string;
  readonly isRelative: boolean;
}

/** Every TypeScript file under these folders of the repository. */
export function readSources(root: string, folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
      .filter((path) => path.endsWith(".ts"))
      .sort()
      .map((path) => sourceFile(path, readFileSync(join(root, path), "utf8"))),
  );
}

/** A file from its text. */
export function sourceFile(path: string, text: string): SourceFile {
  const code = blanked(text, false);
  return {
    path,
    lines: text.split("\n"),
    code: code.split("\n"),
    bareCode: blanked(text, true).split("\n"),
    imports: importsOf(path, code),
  };
}

function importsOf(path: string, code: string): Import[] {
  const pattern = /\bfrom\s*"([^"\n]+)"|\bimport\s*\(\s*"([^"\n]+)"|^\s*import\s+"([^"\n]+)"/gm;
  return [...code.matchAll(pattern)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? "";
    const isRelative = specifier.startsWith(".");
    const target = isRelative ? normalize(join(dirname(path), specifier)).replaceAll("\\", "/") : specifier;
    return { line: code.slice(0, match.index).split("\n").length, target, isRelative };
  });
}

/** Comments and literals, in the order in which a reader of the text meets them. */
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const STRING = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/y;
const REGEXP = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
/** After these a slash begins a regular expression; after anything else it divides. */
const BEFORE_REGEXP = /(?:^|[(,=:[!&|?{};>]|\breturn)\s*$/;

/** The text with comments, and if asked literals too, turned to spaces; lines stay where they are. */
function blanked(text: string, blankLiterals: boolean): string {
  let out = "";
  for (let index = 0; index < text.length; ) {
    const comment = matchAt(COMMENT, text, index);
    const isRegexp = comment === undefined && text[index] === "/" && BEFORE_REGEXP.test(out.slice(-40));
    const literal = matchAt(STRING, text, index) ?? (isRegexp ? matchAt(REGEXP, text, index) : undefined);
    const found = comment ?? literal;
    if (found === undefined) {
      out += text[index];
      index += 1;
    } else {
      // What stands in a template's braces is code.
      const kept = comment === undefined ? /\$\{[^}]*\}|\n/g : /\n/g;
      out += comment !== undefined || blankLiterals ? blankedBut(kept, found) : found;
      index += found.length;
    }
  }
  return out;
}

function blankedBut(kept: RegExp, text: string): string {
  let out = "";
  for (const match of text.matchAll(kept)) out = out.padEnd(match.index) + match[0];
  return out.padEnd(text.length);
}

function matchAt(pattern: RegExp, text: string, index: number): string | undefined {
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0];
}
