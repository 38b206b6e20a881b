/** How passwords are kept: as hashes that take long to make, in the ways that they are written in files. */

/** A hash of a password, read and within what this program is ready to work for. */
export type PasswordHash = BcryptHash | Argon2Hash | Pbkdf2Hash;

/** What `htpasswd -B` writes (Provos and Mazières, "A Future-Adaptable Password Scheme", 1999). */
export interface BcryptHash {
  readonly kind: "bcrypt";
  /** As it is written: `$2y$10$…`. */
  readonly text: string;
}

/** Argon2 (RFC 9106), as its reference implementation writes it. */
export interface Argon2Hash {
  readonly kind: "argon2";
  /** As it is written: `$argon2id$v=19$m=19456,t=2,p=1$…`. */
  readonly text: string;
}

/** PBKDF2 (RFC 8018 §5.2), which every runtime has in Web Crypto, off the thread that serves. */
export interface Pbkdf2Hash {
  readonly kind: "pbkdf2";
  readonly hash: "SHA-256" | "SHA-512";
  readonly iterations: number;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly key: Uint8Array<ArrayBuffer>;
}

/** The salt has 22 characters and the hash 31, in bcrypt's own base64. */
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const ARGON2 =
  /^\$argon2(?:id|i|d)\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})\$[A-Za-z0-9+/]{11,128}\$[A-Za-z0-9+/]{16,172}$/;
/** As the PHC string format has it, or as Passlib writes it, with dots for pluses. */
const PBKDF2 =
  /^\$pbkdf2-sha(256|512)\$(?:i=)?(\d{1,8})(?:,l=\d{1,3})?\$([A-Za-z0-9+/.]{11,172})\$([A-Za-z0-9+/.]{22,172})$/;

/** More takes seconds for each password that is tried: 2 to the power of it. */
const MOST_BCRYPT_COST = 15;
/** In KiB: 1 GiB for each password that is tried at a time. */
const MOST_ARGON2_MEMORY = 1_048_576;
const MOST_ARGON2_PASSES = 64;
const MOST_ARGON2_LANES = 16;
/** Fewer can be tried by the million (NIST SP 800-132 §5.2 asked for a thousand in 2010). */
const LEAST_PBKDF2_ITERATIONS = 10_000;
const MOST_PBKDF2_ITERATIONS = 10_000_000;

const EXPECTED =
  "expected a hash of bcrypt ($2y$…), argon2id ($argon2id$…) or PBKDF2 ($pbkdf2-sha256$…), as lb hash-password prints one";

/** Other hashes, and why they are none here. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^\$apr1\$|^\$1\$/, "an MD5 hash, which is tried by the billion"],
  [/^\{SHA\}/i, "a SHA-1 hash without salt, which is tried by the billion"],
  [/^\$[56]\$/, "a hash of SHA-crypt"],
  [/^\$scrypt\$|^\$7\$/, "a hash of scrypt"],
  [/^\$y\$|^\$gy\$/, "a hash of yescrypt"],
  [/^\$2[abxy]?\$/, "a hash of bcrypt that is not whole"],
  [/^\$argon2/, "a hash of Argon2 that is not whole, or not of version 19"],
  [/^\$pbkdf2/, "a hash of PBKDF2 that is not whole, or of SHA-1"],
];

/**
 * Reads a hash.
 *
 * @returns What is wrong with it instead, as a sentence that does not tell it: it may be a password.
 */
export function readPasswordHash(text: string): PasswordHash | string {
  const cost = BCRYPT.exec(text)?.[1];
  if (cost !== undefined) return readBcrypt(text, Number(cost));
  const argon2 = ARGON2.exec(text);
  if (argon2 !== null) return readArgon2(text, Number(argon2[1]), Number(argon2[2]), Number(argon2[3]));
  const pbkdf2 = PBKDF2.exec(text);
  if (pbkdf2 !== null) return readPbkdf2(pbkdf2);
  const refused = REFUSED.find(([pattern]) => pattern.test(text));
  return `found ${refused === undefined ? "a password as plain text, or no hash that is known" : refused[1]}, ${EXPECTED}`;
}

function readBcrypt(text: string, cost: number): BcryptHash | string {
  if (cost < 4 || cost > MOST_BCRYPT_COST) {
    return `found a bcrypt cost of ${cost}, expected 4 to ${MOST_BCRYPT_COST}`;
  }
  return { kind: "bcrypt", text };
}

function readArgon2(text: string, memory: number, passes: number, lanes: number): Argon2Hash | string {
  // RFC 9106 §3.1.
  if (memory < 8 * lanes || memory > MOST_ARGON2_MEMORY) {
    return `found an Argon2 memory of m=${memory}, expected 8 for each lane to ${MOST_ARGON2_MEMORY} (KiB)`;
  }
  if (passes < 1 || passes > MOST_ARGON2_PASSES || lanes < 1 || lanes > MOST_ARGON2_LANES) {
    return `found Argon2 with t=${passes},p=${lanes}, expected t from 1 to ${MOST_ARGON2_PASSES} and p from 1 to ${MOST_ARGON2_LANES}`;
  }
  return { kind: "argon2", text };
}

function readPbkdf2([, bits, count, salt, key]: RegExpExecArray): Pbkdf2Hash | string {
  const iterations = Number(count);
  if (iterations < LEAST_PBKDF2_ITERATIONS || iterations > MOST_PBKDF2_ITERATIONS) {
    return `found ${iterations} iterations of PBKDF2, expected ${LEAST_PBKDF2_ITERATIONS} to ${MOST_PBKDF2_ITERATIONS}`;
  }
  return {
    kind: "pbkdf2",
    hash: bits === "256" ? "SHA-256" : "SHA-512",
    iterations,
    salt: bytesOf(salt as string),
    key: bytesOf(key as string),
  };
}

/** Base64 without padding; a length that none has gives bytes that no password fits. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const whole = text.length % 4 === 1 ? text.slice(0, -1) : text;
  return Uint8Array.from(atob(whole.replaceAll(".", "+")), (character) => character.charCodeAt(0));
}

/** As `readPasswordHash` reads it again, in the PHC string format. */
export function pbkdf2Text({ hash, iterations, salt, key }: Pbkdf2Hash): string {
  const text = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
  return `$pbkdf2-${hash.replace("-", "").toLowerCase()}$i=${iterations}$${text(salt)}$${text(key)}`;
}
