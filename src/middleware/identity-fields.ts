/**
 * Tells the backend who asks, in fields that nobody else can set: what the client sent under these names is removed,
 * and what CGI and its heirs would read as them, since they take hyphens and underscores for the same.
 *
 * @param fields Name in lower case, and value; undefined if there is nothing to tell.
 */
export function setIdentityFields(
  headers: Headers,
  fields: readonly (readonly [name: string, value: string | undefined])[],
): void {
  const names = new Set(fields.map(([name]) => asCgi(name)));
  const pretended = [...headers.keys()].filter((name) => names.has(asCgi(name)));
  for (const name of pretended) headers.delete(name);
  for (const [name, value] of fields) if (value !== undefined) headers.set(name, value);
}

/** How a field's name is compared where it becomes a variable's (RFC 3875 §4.1.18). */
function asCgi(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}

/**
 * A text as the value of a field: its bytes in UTF-8, which go over the wire as they are (RFC 9110 §5.5).
 *
 * @returns Undefined if it has a control character, which no field may have.
 */
export function fieldText(text: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are meant.
  if (/[\x00-\x1f\x7f]/.test(text)) return undefined;
  let bytes = "";
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}
