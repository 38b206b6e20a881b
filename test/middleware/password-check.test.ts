import { describe, expect, test } from "bun:test";
import { argon2Verify, bcryptVerify } from "hash-wasm";
import { type PasswordHash, pbkdf2Text, readPasswordHash } from "../../src/config/password-hash.ts";
import { passwordBytes } from "../../src/middleware/basic-credentials.ts";
import { fitsHash } from "../../src/middleware/password-check.ts";

/** Made by others: the test vectors of crypt_blowfish and of Argon2's reference implementation, and Python's hashlib. */
const BY_OTHERS: readonly (readonly [password: string, hash: string])[] = [
  ["U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
  ["U*U*", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"],
  ["U*U*U", "$2b$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"],
  [
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
    "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
  ],
  ["secret", "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"],
  ["password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"],
  ["password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"],
  ["secret", "$pbkdf2-sha256$i=10000$c2FsdCtzYWx0L3NhbHQ/Pw$+O76qGMOQVBrFoW/V4h37zZd1OhzyDcy7b2KiRlqPjM"],
  [
    "secret",
    "$pbkdf2-sha512$i=10000$c2FsdCtzYWx0L3NhbHQ/Pw$N58dsS2YCqajlkCR9ZlzJ6L0sClHwfBLdlqZQP5h8+6cHSAXKBCSmt+ogrAJqLXMz83+NFWRmczoGNHGYS0jCg",
  ],
  ["pässwort", "$pbkdf2-sha256$29000$....................$gqY3b5DzD3NzQIJfcTkeLeZKA2r4JE6lgAauTmps4Co"],
];

function read(text: string): PasswordHash {
  const hash = readPasswordHash(text);
  if (typeof hash === "string") throw new Error(hash);
  return hash;
}

describe("a hash that others made", () => {
  test.each(BY_OTHERS)("of %s: %s", async (password, text) => {
    expect(await fitsHash(passwordBytes(password), read(text))).toBeTrue();
    expect(await fitsHash(passwordBytes(`${password.slice(0, -40)}!`), read(text))).toBeFalse();
    expect(await fitsHash(passwordBytes(""), read(text))).toBeFalse();
  });

  test.each(BY_OTHERS.filter(([, text]) => !text.startsWith("$pbkdf2")))(
    "of %s is the same where there is no Bun: %s",
    async (password, hash) => {
      const verify = hash.startsWith("$2") ? bcryptVerify : argon2Verify;
      const limit = hash.startsWith("$2") ? 72 : 1_000;
      expect(await verify({ password: passwordBytes(password).subarray(0, limit), hash })).toBeTrue();
      expect(await verify({ password: "wrong", hash })).toBeFalse();
    },
  );
});

test("composed and decomposed characters are the same password", async () => {
  const hash = read("$pbkdf2-sha256$29000$....................$gqY3b5DzD3NzQIJfcTkeLeZKA2r4JE6lgAauTmps4Co");
  expect(await fitsHash(passwordBytes("pa\u0308sswort"), hash)).toBeTrue();
});

test("PBKDF2 is written as it is read", () => {
  for (const [, text] of BY_OTHERS.filter(([, text]) => text.startsWith("$pbkdf2"))) {
    const hash = read(text);
    if (hash.kind !== "pbkdf2") throw new Error("another kind");
    expect(read(pbkdf2Text(hash))).toEqual(hash);
  }
});

describe("what is no hash is refused without being told", () => {
  const bcrypt = "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";
  test.each([
    ["hunter2", "found a password as plain text, or no hash that is known"],
    ["", "found a password as plain text, or no hash that is known"],
    ["$apr1$x$y", "found an MD5 hash"],
    ["{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "found a SHA-1 hash without salt"],
    ["$6$x$y", "found a hash of SHA-crypt"],
    ["$scrypt$ln=1$x$y", "found a hash of scrypt"],
    ["$y$j9T$x", "found a hash of yescrypt"],
    ["$2y$05$short", "found a hash of bcrypt that is not whole"],
    [bcrypt.slice(0, -1), "found a hash of bcrypt that is not whole"],
    [`${bcrypt}x`, "found a hash of bcrypt that is not whole"],
    [bcrypt.replace("$05$", "$16$"), "found a bcrypt cost of 16, expected 4 to 15"],
    [bcrypt.replace("$05$", "$03$"), "found a bcrypt cost of 3, expected 4 to 15"],
    [
      "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "found a hash of Argon2 that is not whole, or not of version 19",
    ],
    [
      "$argon2id$v=19$m=2000000,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "found an Argon2 memory of m=2000000",
    ],
    [
      "$argon2id$v=19$m=256,t=65,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "found Argon2 with t=65,p=1",
    ],
    [
      "$pbkdf2-sha256$i=9999$c2FsdHNhbHRzYWx0$O76qGMOQVBrFoW/V4h37zZd1OhzyDcy7b2KiRlqPjM4",
      "found 9999 iterations of PBKDF2",
    ],
    [
      "$pbkdf2$131000$c2FsdHNhbHRzYWx0$O76qGMOQVBrFoW",
      "found a hash of PBKDF2 that is not whole, or of SHA-1",
    ],
  ])("%s", (text, found) => {
    const wrong = readPasswordHash(text);
    expect(wrong).toBeString();
    expect(wrong as unknown as string).toStartWith(found);
    if (text.length > 3) expect(wrong as unknown as string).not.toContain(text);
  });
});
