import type { CryptoKey, JSONWebKeySet, JWSHeaderParameters, JWTVerifyGetKey } from "jose";
import type { MiddlewareDeps } from "./middleware.ts";
import { KeysUnavailable, RemoteJwks, type RemoteJwksRules, type Renewal } from "./remote-jwks.ts";

/** What signatures are checked with: exactly one of the four is there. */
export interface JwtKeyRules extends Omit<RemoteJwksRules, "jwksUrl"> {
  /** Where an authorization server publishes its keys. */
  readonly jwksUrl?: string | undefined;
  /** Public keys (RFC 7517 §5). */
  readonly jwks?: { readonly keys: readonly object[] } | undefined;
  /** A public key or a certificate, as PEM. */
  readonly publicKey?: string | undefined;
  /** What both sides know, for the algorithms that begin with HS; at least as long as their hash. */
  readonly secret?: string | undefined;
  /** The algorithms that count, and no other. */
  readonly algorithms: readonly string[];
}

/** Finds the key for a token. */
export interface JwtKeys {
  /** Throws `JWKSNoMatchingKey` if there is none that fits, and `KeysUnavailable` if that is not the token's fault. */
  readonly find: JWTVerifyGetKey;
  /** Asks for keys that may have come since. */
  renew(): Promise<Renewal>;
}

type Jose = typeof import("jose");

/** Keys that are fetched. */
export type FetchedKeys = RemoteJwks<JWTVerifyGetKey>;

/**
 * What fetches the keys of a config. The same for the same rules, after the config was read again too: its keys go on
 * being good while they cannot be fetched.
 *
 * @returns Undefined if they are written in the config.
 */
export function fetchedKeys(
  rules: JwtKeyRules,
  { clock, warn, kept }: MiddlewareDeps,
): FetchedKeys | undefined {
  const { jwksUrl, jwksTimeoutMs, jwksRefreshMs, jwksCooldownMs, jwksKeepMs } = rules;
  if (jwksUrl === undefined) return undefined;
  const remote = { jwksUrl, jwksTimeoutMs, jwksRefreshMs, jwksCooldownMs, jwksKeepMs };
  return kept.of(`jwks ${JSON.stringify(remote)}`, () => {
    const warned = new Set<string>();
    const made = async (json: unknown) => {
      const jose = await import("jose");
      return usableOnly(jose, jose.createLocalJWKSet(json as JSONWebKeySet), warned, warn);
    };
    return new RemoteJwks(remote, clock, made, warn);
  });
}

/**
 * The keys of a config.
 *
 * @param remote What fetches them, if they are not written there.
 */
export function jwtKeys(
  jose: Jose,
  rules: JwtKeyRules,
  remote: FetchedKeys | undefined,
  warn: (reason: string) => void,
): JwtKeys {
  const { jwks, publicKey, secret } = rules;
  if (secret !== undefined) {
    const key = new TextEncoder().encode(secret);
    return fixed(async () => key);
  }
  if (publicKey !== undefined) return fixed(pemKeys(jose, publicKey, rules.algorithms));
  if (jwks !== undefined) {
    return fixed(usableOnly(jose, jose.createLocalJWKSet(jwks as JSONWebKeySet), new Set(), warn));
  }
  if (remote === undefined) throw new Error("jwt: no keys");
  return {
    find: async (header, token) => (await remote.current())(header, token),
    renew: () => remote.renew(),
  };
}

function fixed(find: JWTVerifyGetKey): JwtKeys {
  return { find, renew: () => Promise.resolve("too soon") };
}

/** One key under each algorithm that it is for: an RSA key is none for ES256, whatever a token says. */
function pemKeys(jose: Jose, pem: string, algorithms: readonly string[]): JWTVerifyGetKey {
  const read = pem.includes("BEGIN CERTIFICATE") ? jose.importX509 : jose.importSPKI;
  let imported: Promise<ReadonlyMap<string, CryptoKey>> | undefined;
  return async ({ alg }: JWSHeaderParameters) => {
    imported ??= importedKeys(pem, algorithms, read);
    const keys = await imported;
    if (keys.size === 0) throw new KeysUnavailable("the public key fits none of the algorithms");
    const key = keys.get(alg as string);
    if (key === undefined) throw new jose.errors.JWKSNoMatchingKey();
    return key;
  };
}

async function importedKeys(
  pem: string,
  algorithms: readonly string[],
  read: Jose["importSPKI"],
): Promise<ReadonlyMap<string, CryptoKey>> {
  const keys = new Map<string, CryptoKey>();
  for (const algorithm of algorithms) {
    // That it is no key for this one is found out by trying; if it is for none, that is told.
    const key = await read(pem, algorithm).catch(() => undefined);
    if (key !== undefined) keys.set(algorithm, key);
  }
  return keys;
}

/** A key in a set that cannot be used is the set's fault, not the token's. */
function usableOnly(
  { errors }: Jose,
  find: JWTVerifyGetKey,
  warned: Set<string>,
  warn: (reason: string) => void,
): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await find(header, token);
    } catch (error) {
      const isOfToken =
        error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;
      if (isOfToken) throw error;
      const reason = `jwt: a key for ${header.alg} cannot be used: ${error}`;
      // As many as there are algorithms, since others were turned away.
      if (!warned.has(header.alg as string)) warn(reason);
      warned.add(header.alg as string);
      throw new KeysUnavailable(reason);
    }
  };
}
