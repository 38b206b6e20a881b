/**
 * A table's cells, padded so that they stand in columns.
 *
 * @param rows All as long as the first.
 * @param words How many columns, from the left, hold words. The others hold numbers: these are compared down the
 *   column, so they end at the same place.
 */
export function aligned(rows: readonly (readonly string[])[], words: number): string[][] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  );
  return rows.map((row) =>
    row.map((cell, column) => {
      const width = widths[column] as number;
      return column < words ? cell.padEnd(width) : cell.padStart(width);
    }),
  );
}
