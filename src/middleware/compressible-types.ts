/**
 * Whether a `Content-Type` is one of these.
 *
 * @param types Each is a media type in lower case, `text/*` for all of a kind, or `+json` for all that are written in
 *   something (RFC 6838 §4.2.8).
 */
export function typeMatcher(types: readonly string[]): (contentType: string) => boolean {
  const exact = new Set(types.filter((type) => !type.endsWith("/*") && !type.startsWith("+")));
  const kinds = new Set(types.filter((type) => type.endsWith("/*")).map((type) => type.slice(0, -1)));
  const suffixes = new Set(types.filter((type) => type.startsWith("+")));
  return (contentType) => {
    const type = mediaType(contentType);
    if (exact.has(type) || kinds.has(type.slice(0, type.indexOf("/") + 1))) return true;
    const plus = type.lastIndexOf("+");
    return plus > 0 && suffixes.has(type.slice(plus));
  };
}

/** A `Content-Type` without its parameters, in lower case. */
export function mediaType(contentType: string): string {
  const semicolon = contentType.indexOf(";");
  return (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
}
