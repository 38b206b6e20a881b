import { fieldText } from "./identity-fields.ts";

/** What a token says, checked (RFC 7519 §4). */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * A claim as a header field: texts, numbers and truths as they are, all else as JSON.
 *
 * @param name The claim's; or, where no claim is called so, the way to it through objects: `realm_access.roles`.
 * @returns Undefined if it is not there, or cannot stand in a field.
 */
export function claimField(claims: Claims, name: string): string | undefined {
  const value = claimOf(claims, name);
  if (value === undefined || value === null) return undefined;
  return fieldText(typeof value === "object" ? JSON.stringify(value) : String(value));
}

function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const key of name.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Claims)[key];
  }
  return value;
}

/** Whether a token covers all of these scopes, by `scope` (RFC 8693 §4.2) or by `scp`, which some issuers write. */
export function coversScopes(claims: Claims, needed: readonly string[]): boolean {
  if (needed.length === 0) return true;
  const covered = new Set([...wordsOf(claims.scope), ...wordsOf(claims.scp)]);
  return needed.every((scope) => covered.has(scope));
}

function wordsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return typeof value === "string" ? value.split(" ") : [];
}
