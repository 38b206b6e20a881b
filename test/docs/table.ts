/** A table as GitHub's Markdown has it: its cells are cut at every `|` that is not escaped, in code too. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |\n`;
  return `${line(heads)}|${"---|".repeat(heads.length)}\n${rows.map(line).join("")}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
