/** What a page shows by examples: config files, how they are started, and what is then typed and printed. */

/** A command, and the lines that it prints, where `…` is anything. */
export interface Command {
  readonly text: string;
  readonly output: readonly string[];
}

/** A section of a page in which something is typed and printed. */
export interface Example {
  readonly title: string;
  /** The files, by their names. */
  readonly files: ReadonlyMap<string, string>;
  /** What starts it, a command a line. */
  readonly start: readonly string[];
  /** What is typed afterwards, a list for each block. */
  readonly transcripts: readonly (readonly Command[])[];
}

/** A block between fences, with what stands above it. */
interface Block {
  readonly language: string;
  readonly lines: readonly string[];
  /** The line of text before it. */
  readonly above: string;
}

/** A name of a file, at the beginning of the line above it. */
const FILE_NAME = /^`([\w.-]+\.\w+)`/;

/** Reads the sections that show what is printed. */
export function examplesOf(page: string): Example[] {
  return page
    .split(/^### /m)
    .slice(1)
    .map((section) => exampleOf(section.split("\n")))
    .filter(({ transcripts }) => transcripts.length > 0);
}

function exampleOf([title = "", ...lines]: readonly string[]): Example {
  const blocks = blocksOf(lines);
  const files = new Map<string, string>();
  for (const { above, lines: text } of blocks) {
    const name = FILE_NAME.exec(above)?.[1];
    if (name !== undefined) files.set(name, `${text.join("\n")}\n`);
  }
  const inLanguage = (wanted: string) => blocks.filter(({ language }) => language === wanted);
  return {
    title,
    files,
    start: inLanguage("sh").flatMap((block) => block.lines),
    transcripts: inLanguage("console").map((block) => commandsOf(block.lines)),
  };
}

function blocksOf(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let above = "";
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    if (!line.startsWith("```")) {
      if (line !== "") above = line;
      continue;
    }
    const end = lines.indexOf("```", at + 1);
    if (end < 0) throw new Error(`the block under "${above}" has no end`);
    blocks.push({ language: line.slice(3), lines: lines.slice(at + 1, end), above });
    above = "";
    at = end;
  }
  return blocks;
}

/** A command begins with `$ ` and goes on in lines that begin with `> `, as a shell shows it. */
function commandsOf(lines: readonly string[]): Command[] {
  const commands: { text: string; output: string[] }[] = [];
  for (const line of lines) {
    const last = commands.at(-1);
    if (line.startsWith("$ ")) commands.push({ text: line.slice(2), output: [] });
    else if (last === undefined) throw new Error(`"${line}" is printed before anything is typed`);
    else if (last.output.length === 0 && line.startsWith("> ")) last.text += `\n${line.slice(2)}`;
    else last.output.push(line);
  }
  return commands;
}
