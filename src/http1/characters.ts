/** Classes of bytes, as tables with a 1 for each member: one load decides. */

/** Horizontal tab. */
export const HTAB = 0x09;
/** Line feed. */
export const LF = 0x0a;
/** Carriage return. */
export const CR = 0x0d;
/** Space. */
export const SP = 0x20;
/** `:`. */
export const COLON = 0x3a;
/** `;`. */
export const SEMICOLON = 0x3b;

/** `tchar` (RFC 9110 §5.6.2): what methods and field names are made of. */
export const TOKEN = tableOf((byte) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)));

/**
 * What may stand in a line of a head: HTAB, SP, VCHAR and obs-text (RFC 9110 §5.5). No other control byte
 * may, CR and LF least of all.
 */
export const LINE = tableOf((byte) => byte === HTAB || (byte >= SP && byte !== 0x7f));

/** What may stand in a request target as it is passed on: everything visible, and obs-text. */
export const TARGET = tableOf((byte) => byte > SP && byte !== 0x7f);

/** The value of a hexadecimal digit, by its byte; 255 for what is none. */
export const HEX = hexTable();

function tableOf(isMember: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (isMember(byte) ? 1 : 0));
}

function hexTable(): Uint8Array {
  const table = new Uint8Array(256).fill(255);
  for (let value = 0; value < 16; value++) {
    const digit = value.toString(16);
    table[digit.charCodeAt(0)] = value;
    table[digit.toUpperCase().charCodeAt(0)] = value;
  }
  return table;
}
