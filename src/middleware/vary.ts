/**
 * Says of an answer that it depends on these fields of the request (RFC 9110 §12.5.5), as far as it does not say so.
 *
 * @param names As they are to be written.
 */
export function addVary(headers: Headers, names: readonly string[]): void {
  const before = headers.get("vary");
  if (before === null || before === "") {
    headers.set("vary", names.join(", "));
    return;
  }
  const said = before.split(",").map((name) => name.trim().toLowerCase());
  if (said.includes("*")) return;
  const missing = names.filter((name) => !said.includes(name.toLowerCase()));
  if (missing.length > 0) headers.set("vary", [before, ...missing].join(", "));
}
