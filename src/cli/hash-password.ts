import { type Pbkdf2Hash, pbkdf2Text } from "../config/password-hash.ts";
import { ConfigError, didYouMean } from "../config/problem.ts";
import { passwordBytes } from "../middleware/basic-credentials.ts";
import { pbkdf2Key } from "../middleware/password-check.ts";
import type { Command } from "./command.ts";
import type { Flags } from "./flags.ts";
import { readPassword } from "./password-input.ts";

const FLAGS = {
  algorithm: {
    type: "string",
    valueHint: "NAME",
    description: "argon2id, bcrypt, or pbkdf2, the one that Deno and Node check without holding up requests",
    default: "argon2id",
  },
} as const satisfies Flags;

/** All of a password that bcrypt looks at, in bytes. */
const BCRYPT_BYTES = 72;

/** Makes a hash of each kind, as costly as OWASP's Password Storage Cheat Sheet has it. */
const HASHERS: Readonly<Record<string, (password: Uint8Array<ArrayBuffer>) => Promise<string>>> = {
  argon2id: (password) =>
    Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 }),
  async bcrypt(password) {
    if (password.length > BCRYPT_BYTES) {
      throw new ConfigError(
        `hash-password: found a password of ${password.length} bytes, expected at most ${BCRYPT_BYTES} for bcrypt`,
      );
    }
    return Bun.password.hash(password, { algorithm: "bcrypt", cost: 10 });
  },
  async pbkdf2(password) {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const shape: Pbkdf2Hash = {
      kind: "pbkdf2",
      hash: "SHA-256",
      iterations: 600_000,
      salt,
      key: new Uint8Array(32),
    };
    return pbkdf2Text({ ...shape, key: new Uint8Array(await pbkdf2Key(password, shape)) });
  },
};

/** `lb hash-password`: what stands in a config in place of a password. */
export const hashPasswordCommand: Command = {
  name: "hash-password",
  summary: "make the hash of a password, for the users of basicAuth",
  flags: FLAGS,
  examples: [
    ["lb hash-password", "asks for the password without showing it"],
    ["lb hash-password < password.txt", "takes it from a file"],
    ["lb hash-password --algorithm bcrypt", "a hash that other servers know too"],
  ],
  async run(given) {
    const algorithm = given.text("algorithm") ?? FLAGS.algorithm.default;
    const hash = Object.hasOwn(HASHERS, algorithm) ? HASHERS[algorithm] : undefined;
    if (hash === undefined) {
      const near = didYouMean(algorithm, Object.keys(HASHERS));
      throw new ConfigError(`--algorithm: found "${algorithm}", expected argon2id, bcrypt or pbkdf2${near}`);
    }
    process.stdout.write(`${await hash(passwordBytes(await readPassword()))}\n`);
    return 0;
  },
};
