/** What a client says with the scheme `Basic` (RFC 7617 §2). */
export interface BasicCredentials {
  /** In Unicode's form C, as it is compared. */
  readonly name: string;
  /** In UTF-8, of Unicode's form C. */
  readonly password: Uint8Array<ArrayBuffer>;
}

/** Longer than any that people or programs have; it bounds what is decoded for strangers. */
const MOST_CHARACTERS = 2_048;

const SCHEME = /^basic +([A-Za-z0-9+/]+={0,2})$/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what neither part may have (RFC 7617 §2).
const CONTROL = /[\x00-\x1f\x7f]/;

/**
 * Reads an `Authorization` field.
 *
 * @param field Null if there is none.
 * @returns Undefined if it says nothing of the kind, or nothing that can be understood.
 */
export function readBasicCredentials(field: string | null): BasicCredentials | undefined {
  if (field === null || field.length > MOST_CHARACTERS) return undefined;
  const encoded = SCHEME.exec(field)?.[1];
  const text = encoded === undefined ? undefined : decoded(encoded);
  if (text === undefined || CONTROL.test(text)) return undefined;
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  return {
    name: text.slice(0, colon).normalize("NFC"),
    password: passwordBytes(text.slice(colon + 1)),
  };
}

/** A password as its hash is made of it: the same however its characters were composed (RFC 8265 §4.2.2). */
export function passwordBytes(password: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(password.normalize("NFC"));
}

function decoded(base64: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // No base64 after all, or no UTF-8: nobody has such a name.
    return undefined;
  }
}
