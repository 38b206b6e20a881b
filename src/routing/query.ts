/**
 * The value of a query's parameter, from `a=1&b=2`: the first of the name, decoded as forms are encoded (WHATWG URL,
 * application/x-www-form-urlencoded).
 *
 * @param name As decoded.
 * @returns Null if there is no such parameter; empty if it has no value.
 */
export function queryValue(query: string, name: string): string | null {
  let start = 0;
  while (start < query.length) {
    const next = query.indexOf("&", start);
    const end = next < 0 ? query.length : next;
    const equals = query.indexOf("=", start);
    const nameEnd = equals < 0 || equals > end ? end : equals;
    if (isNamed(query, start, nameEnd, name)) return decoded(query.slice(Math.min(nameEnd + 1, end), end));
    start = end + 1;
  }
  return null;
}

function isNamed(query: string, start: number, end: number, name: string): boolean {
  // Decoding makes nothing longer.
  if (end - start < name.length) return false;
  if (end - start === name.length && query.startsWith(name, start)) return decoded(name) === name;
  const text = query.slice(start, end);
  return isEncoded(text) && decoded(text) === name;
}

function isEncoded(text: string): boolean {
  return text.includes("%") || text.includes("+");
}

function decoded(text: string): string {
  if (!isEncoded(text)) return text;
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    // It is no UTF-8, or a percent sign begins no escape. What then becomes of the rest forms alone know.
    return new URLSearchParams(`a=${text}`).get("a") ?? "";
  }
}
