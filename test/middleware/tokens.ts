import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";

/** What a token says; what is undefined is left out. */
export type TokenClaims = { readonly [Name in keyof JWTPayload]: JWTPayload[Name] | undefined };

/** An issuer's key, with what tokens are made of and what checks them. */
export interface Signer {
  readonly algorithm: string;
  readonly kid: string;
  /** As it is published. */
  readonly jwk: object;
  readonly pem: string;
  /** Makes a token. */
  sign(claims?: TokenClaims, head?: Record<string, unknown>): Promise<string>;
}

export const ISSUER = "https://issuer.test";
export const AUDIENCE = "https://api.test";

/** Seconds since 1970, so far from now. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** Claims that are good for an hour. */
export function goodClaims(): JWTPayload {
  return { iss: ISSUER, aud: AUDIENCE, sub: "alice", exp: inSeconds(3600) };
}

/** A new key for an algorithm. */
export async function signer(algorithm: string, kid: string): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return {
    algorithm,
    kid,
    jwk: { ...(await exportJWK(publicKey)), kid, use: "sig", alg: algorithm },
    pem: await exportSPKI(publicKey),
    sign: (claims = goodClaims(), head = { kid }) =>
      new SignJWT(claims as JWTPayload)
        .setProtectedHeader({ alg: algorithm, ...head })
        .sign(privateKey, { crit: { x: true } }),
  };
}

/** Part of a token by hand, whatever stands in it. */
export function tokenPart(content: object): string {
  return Buffer.from(JSON.stringify(content)).toString("base64url");
}
