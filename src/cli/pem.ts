import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { ConfigError } from "../config/problem.ts";

/** A file of certificates, as PEM. */
export interface CertificateFile {
  readonly text: string;
  /** The first one. */
  readonly certificate: X509Certificate;
}

/** A file with a private key, as PEM. */
export interface KeyFile {
  readonly text: string;
  readonly key: KeyObject;
}

/**
 * Reads a file of certificates, and checks the first one.
 *
 * @param place What the file's name was written into, for the error.
 * @throws ConfigError if it cannot be read, or holds none.
 */
export function certificateFile(file: string, place: string): CertificateFile {
  const text = textFile(file, place);
  const certificate = parsed(() => new X509Certificate(text), file, place, "a certificate as PEM");
  return { text, certificate };
}

/**
 * Reads a file with a private key.
 *
 * @param place What the file's name was written into, for the error.
 * @throws ConfigError if it cannot be read, holds none, or one that needs a passphrase.
 */
export function keyFile(file: string, place: string): KeyFile {
  const text = textFile(file, place);
  return {
    text,
    key: parsed(() => createPrivateKey(text), file, place, "an unencrypted private key as PEM"),
  };
}

/**
 * Does something with what a file holds.
 *
 * @param expected What the file should hold, for the error.
 * @throws ConfigError if that fails.
 */
export function parsed<T>(parse: () => T, file: string, place: string, expected: string): T {
  try {
    return parse();
  } catch {
    // What the library says is about its own code, not about the file.
    throw new ConfigError(`${place}: found "${file}", expected ${expected}`);
  }
}

/**
 * Reads a file of text.
 *
 * @param place What the file's name was written into, for the error.
 * @throws ConfigError if it cannot be read.
 */
export function textFile(file: string, place: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as { code?: unknown };
    const why = WHY.get(code) ?? `which cannot be read (${String(code)})`;
    throw new ConfigError(`${place}: found "${file}", ${why}, expected a file`);
  }
}

/**
 * Reads a file with a secret. Line ends at a file's end are its editor's.
 *
 * @param place What the file's name was written into, for the error.
 * @throws ConfigError if it cannot be read.
 */
export function secretFile(file: string, place: string): string {
  return textFile(file, place).replace(/[\r\n]+$/, "");
}

const WHY: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "which is not there"],
  ["EISDIR", "which is a folder"],
  ["EACCES", "which this user may not read"],
]);
