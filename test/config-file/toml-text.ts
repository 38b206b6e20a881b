type Value = string | number | boolean | Value[] | { readonly [key: string]: Value };
type Table = Readonly<Record<string, Value>>;

/**
 * A table as TOML text.
 *
 * @param styles How objects are written, in turn: 0 as tables, 1 by dotted keys, 2 inline.
 */
export function tomlText(table: Table, styles: readonly number[]): string {
  let count = 0;
  return tableText(table, []);

  function style(): number {
    count += 1;
    return styles[count % styles.length] as number;
  }

  function tableText(of: Table, path: readonly string[]): string {
    const lines: string[] = [];
    const below: string[] = [];
    for (const [key, value] of Object.entries(of)) add(lines, below, path, [key], value);
    return [...lines, ...below].join("\n");
  }

  function add(
    lines: string[],
    below: string[],
    path: readonly string[],
    keys: string[],
    value: Value,
  ): void {
    const whole = [...path, ...keys].map(keyText).join(".");
    const chosen = style();
    if (isTable(value) && chosen === 1 && Object.keys(value).length > 0) {
      for (const [key, of] of Object.entries(value)) add(lines, below, path, [...keys, key], of);
    } else if (isTable(value) && chosen === 0 && keys.length === 1) {
      below.push(`\n  [ ${whole} ]`, tableText(value, [...path, ...keys]));
    } else if (
      Array.isArray(value) &&
      value.length > 0 &&
      value.every(isTable) &&
      chosen === 0 &&
      keys.length === 1
    ) {
      for (const item of value)
        below.push(`\n[[${whole}]] # one`, tableText(item as Table, [...path, ...keys]));
    } else {
      lines.push(`${keys.map(keyText).join(" . ")} = ${inline(value)}`);
    }
  }
}

function inline(value: Value): string {
  if (Array.isArray(value)) return `[ ${value.map(inline).join(" , ")} ]`;
  if (isTable(value)) {
    return `{ ${Object.entries(value)
      .map(([key, of]) => `${keyText(key)} = ${inline(of)}`)
      .join(", ")} }`;
  }
  if (typeof value === "string") return stringText(value);
  // Without a point or an exponent it would be an integer, of which not all are that large.
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) > 1e15
    ? value.toExponential()
    : String(value);
}

function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : stringText(key);
}

/** JSON's escapes are TOML's too, but for one character that TOML wants escaped. */
function stringText(text: string): string {
  return JSON.stringify(text).replaceAll("\x7f", "\\u007f");
}

function isTable(value: Value): value is Table {
  return typeof value === "object" && !Array.isArray(value);
}
