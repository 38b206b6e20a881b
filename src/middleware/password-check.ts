import type { PasswordHash, Pbkdf2Hash } from "../config/password-hash.ts";
import { areEqualBytes } from "../proxy/equal-bytes.ts";

/** What Bun has: native, and off the thread that serves. */
interface BunPassword {
  verify(password: Uint8Array, hash: string): Promise<boolean>;
}

/** All of a password that bcrypt looks at, in bytes. Some refuse a longer one, and Bun hashes it first. */
const BCRYPT_BYTES = 72;

/**
 * Whether a password is the one that a hash was made of. Takes as long for a wrong one as for the right one.
 *
 * @param password In UTF-8, without control characters.
 */
export async function fitsHash(password: Uint8Array<ArrayBuffer>, hash: PasswordHash): Promise<boolean> {
  if (password.length === 0) return false;
  switch (hash.kind) {
    case "bcrypt":
      return checkText(password.subarray(0, BCRYPT_BYTES), hash.text, "bcryptVerify");
    case "argon2":
      return checkText(password, hash.text, "argon2Verify");
    case "pbkdf2":
      return areEqualBytes(await pbkdf2Key(password, hash), hash.key);
  }
}

async function checkText(
  password: Uint8Array<ArrayBuffer>,
  hash: string,
  check: "bcryptVerify" | "argon2Verify",
): Promise<boolean> {
  const { Bun: bun } = globalThis as { Bun?: { password?: BunPassword } };
  if (bun?.password !== undefined) return bun.password.verify(password, hash);
  // Loaded where it is used only; it holds up the thread while it works.
  const wasm = await import("hash-wasm");
  return wasm[check]({ password, hash });
}

/** The key that PBKDF2 derives (RFC 8018 §5.2), as long as the hash's own. */
export async function pbkdf2Key(
  password: Uint8Array<ArrayBuffer>,
  { hash, iterations, salt, key }: Pbkdf2Hash,
): Promise<Uint8Array> {
  const { subtle } = crypto;
  const material = await subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const rules = { name: "PBKDF2", hash, iterations, salt };
  return new Uint8Array(await subtle.deriveBits(rules, material, key.length * 8));
}
