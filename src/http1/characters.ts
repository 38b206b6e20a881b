/** Classes of bytes, as tables with a 1 for each member: one load decides. */

/** Horizontal tab. */
export const HTAB = 0x09;
/** Line feed. */
export const LF = 0x0a;
/** Carriage return. */
export const CR = 0x0d;
/** Space. */
export const SP = 0x20;
/** `#`. */
export const HASH = 0x23;
/** `*`. */
export const ASTERISK = 0x2a;
/** `,`. */
export const COMMA = 0x2c;
/** `/`. */
export const SLASH = 0x2f;
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

/** What may stand in a request target: everything visible but the `#` of a fragment, and obs-text. */
export const TARGET = tableOf((byte) => byte > SP && byte !== 0x7f && byte !== HASH);

/**
 * What may stand in `Host`, `host[:port]` (RFC 9110 §7.2): no white space, and nothing that would make it more
 * than one host or part of a URL's other parts. Which names resolve is for others to say.
 */
export const HOST = tableOf((byte) => LINE[byte] === 1 && !/[\s,/\\?#@]/.test(String.fromCharCode(byte)));

/** Each byte, but letters as small ones: names of fields and hosts differ in case alone from themselves. */
export const FOLD = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
);

/** The value of a hexadecimal digit, by its byte; 255 for what is none. */
export const HEX = hexTable();

/** Whether a byte is `0` to `9`. */
export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Whether a byte is white space as it may stand around a value (RFC 9110 §5.6.3). */
export function isBlank(byte: number): boolean {
  return byte === SP || byte === HTAB;
}

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
