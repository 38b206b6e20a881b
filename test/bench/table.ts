import type { Spread } from "./statistics.ts";

/** Rows of cells as text, the first row being the head: for a terminal and for Markdown. */

/** A table. */
export type Rows = readonly (readonly string[])[];

/** Columns as wide as they need, the first to the left, the others, which are figures, to the right. */
export function plainTable(rows: Rows): string {
  const widths = widthsOf(rows);
  return rows.map((row) => aligned(row, widths).join("  ").trimEnd()).join("\n");
}

/** The same as a table of Markdown. */
export function markdownTable(rows: Rows): string {
  const [head = [], ...body] = rows;
  const widths = widthsOf(rows);
  const line = (row: readonly string[]) => `| ${aligned(row, widths).join(" | ")} |`;
  const rule = head.map((_, column) =>
    column === 0 ? "-".repeat((widths[0] ?? 0) + 2) : `${"-".repeat((widths[column] ?? 0) + 1)}:`,
  );
  return [line(head), `|${rule.join("|")}|`, ...body.map(line)].join("\n");
}

/** `min–max`, rounded. */
export function range({ min, max }: Spread, digits: number): string {
  return `${min.toFixed(digits)}–${max.toFixed(digits)}`;
}

function widthsOf(rows: Rows): number[] {
  return rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length))) ?? [];
}

function aligned(row: readonly string[], widths: readonly number[]): string[] {
  return widths.map((width, column) => {
    const cell = row[column] ?? "";
    return column === 0 ? cell.padEnd(width) : cell.padStart(width);
  });
}
