import { matchingLines, type Rule } from "./problem.ts";

const MOST_LINES = 300;

/** Names that say nothing of what a thing does. */
const EMPTY_WORDS = "utils?|helpers?|managers?|common|misc";
const EMPTY_FILE_NAME = new RegExp(`(?:^|[/.-])(?:${EMPTY_WORDS})(?=[/.-]|$)`, "i");
const EMPTY_TYPE_NAME =
  /\b(?:class|interface|type|function|const)\s+(?:\w*(?:Manager|Helper|Utils?)s?|utils?|helpers?|manager|misc)\b/;

/** A file does one thing, in at most 300 lines. */
export const fileLength: Rule = (files) =>
  files
    .filter(({ lines }) => lines.length - 1 > MOST_LINES)
    .map(({ path, lines }) => ({
      path,
      line: MOST_LINES + 1,
      advice: `has ${lines.length - 1} lines, ${MOST_LINES} at most: find the two things that it does, and split it`,
    }));

/** Names say what a thing does. */
export const tellingNames: Rule = (files) => [
  ...files
    .filter(({ path }) => EMPTY_FILE_NAME.test(path))
    .map(({ path }) => ({ path, line: 1, advice: "name the file for what it does, not for being useful" })),
  ...files.flatMap((file) =>
    matchingLines(
      file,
      file.bareCode,
      EMPTY_TYPE_NAME,
      (match) => `"${match}": name it for what it does, not for being useful`,
    ),
  ),
];

const EXPORT =
  /^export (?:default )?(?:declare )?(?:abstract )?(?:async )?(?:class|interface|function\*?|const|let|type|enum) (\w+)/;

/** Whatever others may use says in words what it is. */
export const docstrings: Rule = (files) =>
  files
    .filter(({ path }) => path.startsWith("src/"))
    .flatMap((file) =>
      file.code.flatMap((text, index) => {
        const name = EXPORT.exec(text)?.[1];
        const before = file.lines.slice(0, index).findLast((line) => line.trim() !== "");
        if (name === undefined || before?.trimEnd().endsWith("*/")) return [];
        return [
          { path: file.path, line: index + 1, advice: `say above ${name}, in a docstring, what it is` },
        ];
      }),
    );

// Put together, so that the rule does not find itself.
const UNFINISHED = new RegExp(
  `\\b(?:${["TO", "DO"].join("")}|${["FIX", "ME"].join("")}|${["X", "XX"].join("")})\\b`,
);

/** What is committed is finished. */
export const nothingUnfinished: Rule = (files) =>
  files.flatMap((file) =>
    matchingLines(file, file.lines, UNFINISHED, (match) => `${match}: do it now, or leave it out`),
  );
