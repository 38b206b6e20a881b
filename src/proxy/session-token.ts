import { ConfigError } from "../config/problem.ts";

/** The part of Node's `crypto` that is used here. Web Crypto has the same, but not at once. */
interface NodeCrypto {
  createHmac(algorithm: string, key: string): { update(text: string): { digest(encoding: string): string } };
  randomBytes(count: number): { toString(encoding: string): string };
}

interface NodeProcess {
  getBuiltinModule?(name: string): unknown;
}

const SECRET_BYTES = 32;

/**
 * What makes a name for each backend that clients can show, and neither read nor make themselves: an HMAC-SHA256
 * (RFC 2104) of its id, in the 43 characters that base64url needs for it.
 *
 * @param secret Undefined for one of chance: then no other process knows the names.
 * @throws ConfigError where the runtime has no such function that answers at once.
 */
export function sessionTokens(secret: string | undefined): (id: string) => string {
  const { process } = globalThis as { process?: NodeProcess };
  const crypto = process?.getBuiltinModule?.("node:crypto") as NodeCrypto | undefined;
  if (crypto === undefined) {
    throw new ConfigError(
      "sticky.by: found cookie in a runtime without node:crypto, expected Bun, Deno, or Node 20.16 or later",
    );
  }
  const key = secret ?? crypto.randomBytes(SECRET_BYTES).toString("base64url");
  return (id) => crypto.createHmac("sha256", key).update(id).digest("base64url");
}
