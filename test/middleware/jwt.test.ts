import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { SignJWT } from "jose";
import { ConfigError } from "../../src/config/problem.ts";
import { createJwt } from "../../src/middleware/jwt.ts";
import { rulesOf } from "./behind.ts";
import { depsOf, pass, rawGet } from "./passing.ts";
import { AUDIENCE, goodClaims, ISSUER, inSeconds, signer, tokenPart } from "./tokens.ts";

const SECRET = "a secret of thirty-two bytes, at least";
const rsa = await signer("RS256", "rsa");
const ec = await signer("ES256", "ec");
const stranger = await signer("RS256", "rsa");
const BASE = { algorithms: ["RS256"], jwks: { keys: [rsa.jwk] }, issuer: ISSUER, audience: AUDIENCE };

const made = (options: object = {}) => createJwt(rulesOf("jwt", { ...BASE, ...options }), depsOf());

function bearing(token: string, fields: Record<string, string> = {}): Request {
  return rawGet("/a?b", { authorization: `Bearer ${token}`, ...fields });
}

async function statusOf(token: string, options: object = {}): Promise<number> {
  return (await pass(made(options), bearing(token))).answer.status;
}

describe("a token that is good lets in", () => {
  test.each(["RS256", "PS256", "ES256", "ES384", "EdDSA"])("signed with %s", async (algorithm) => {
    const key = await signer(algorithm, "k");
    expect(await statusOf(await key.sign(), { algorithms: [algorithm], jwks: { keys: [key.jwk] } })).toBe(
      200,
    );
    const byPem = { algorithms: [algorithm], jwks: undefined, publicKey: key.pem };
    expect(await statusOf(await key.sign(), byPem)).toBe(200);
  });

  test.each(["HS256", "HS384", "HS512"])("signed with %s", async (alg) => {
    const secret = SECRET.repeat(2);
    const token = await new SignJWT(goodClaims()).setProtectedHeader({ alg }).sign(Buffer.from(secret));
    expect(await statusOf(token, { algorithms: [alg], jwks: undefined, secret })).toBe(200);
  });

  test("by any of several keys, named or not", async () => {
    const other = await signer("RS256", "other");
    const jwks = { keys: [other.jwk, ec.jwk, rsa.jwk] };
    expect(await statusOf(await rsa.sign(), { jwks })).toBe(200);
    expect(await statusOf(await rsa.sign(goodClaims(), {}), { jwks })).toBe(200);
    expect(await statusOf(await stranger.sign(goodClaims(), {}), { jwks })).toBe(401);
  });

  test("for any of several audiences, of any of several issuers", async () => {
    const token = await rsa.sign({ ...goodClaims(), aud: ["x", AUDIENCE] });
    expect(await statusOf(token, { audience: ["y", AUDIENCE], issuer: ["z", ISSUER] })).toBe(200);
  });

  test("within what clocks may be apart", async () => {
    const late = await rsa.sign({ ...goodClaims(), exp: inSeconds(-20) });
    expect(await statusOf(late, { clockToleranceMs: 60_000 })).toBe(200);
    expect(await statusOf(late, { clockToleranceMs: 0 })).toBe(401);
  });
});

describe("a token that is not is turned away", () => {
  const bad: Record<string, () => Promise<string> | string> = {
    "another's signature": () => stranger.sign(),
    "no expiry": () => rsa.sign({ ...goodClaims(), exp: undefined }),
    "another issuer": () => rsa.sign({ ...goodClaims(), iss: `${ISSUER}/` }),
    "no issuer": () => rsa.sign({ ...goodClaims(), iss: undefined }),
    "another audience": () => rsa.sign({ ...goodClaims(), aud: "https://other.test" }),
    "no audience": () => rsa.sign({ ...goodClaims(), aud: undefined }),
    "an unknown key": () => rsa.sign(goodClaims(), { kid: "unknown" }),
    "an algorithm that is not listed": () => ec.sign(),
    "an extension that is critical": () => rsa.sign(goodClaims(), { kid: "rsa", crit: ["x"], x: 1 }),
    "an expiry that is none": () => rsa.sign({ ...goodClaims(), exp: "tomorrow" as never }),
    "a claim changed": async () => {
      const [head, , signature] = (await rsa.sign()).split(".");
      return `${head}.${tokenPart({ ...goodClaims(), sub: "root" })}.${signature}`;
    },
    "no signature": async () => (await rsa.sign()).split(".").slice(0, 2).join("."),
    "an empty signature": async () => `${(await rsa.sign()).split(".").slice(0, 2).join(".")}.`,
    "the algorithm none": () => `${tokenPart({ alg: "none" })}.${tokenPart(goodClaims())}.`,
    "the algorithm nOnE": () => `${tokenPart({ alg: "nOnE" })}.${tokenPart(goodClaims())}.`,
    "no algorithm": () => `${tokenPart({})}.${tokenPart(goodClaims())}.x`,
    "a key of its own": async () => {
      const [, claims, signature] = (await stranger.sign()).split(".");
      return `${tokenPart({ alg: "RS256", jwk: stranger.jwk })}.${claims}.${signature}`;
    },
    nonsense: () => "a.b.c",
    "a long one": () => "a".repeat(20_000),
  };

  test.each(Object.keys(bad))("with %s", async (what) => {
    const { answer, seen } = await pass(made(), bearing((await bad[what]?.()) as string));
    expect(seen).toBeUndefined();
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe(
      'Bearer realm="Restricted", error="invalid_token", error_description="the token is not valid"',
    );
  });

  test("when it has expired, or is too early, it says so", async () => {
    const expired = await pass(made(), bearing(await rsa.sign({ ...goodClaims(), exp: inSeconds(-60) })));
    expect(expired.answer.headers.get("www-authenticate")).toContain(
      'error_description="the token has expired"',
    );
    const early = await pass(made(), bearing(await rsa.sign({ ...goodClaims(), nbf: inSeconds(60) })));
    expect(early.answer.status).toBe(401);
    expect(early.answer.headers.get("www-authenticate")).toContain(
      'error_description="the token is not valid yet"',
    );
  });

  test("without any it is asked for, and no error is told of", async () => {
    for (const fields of [
      {},
      { authorization: "Basic YTpi" },
      { authorization: "Bearertoken" },
      { authorization: "Bearer " },
    ]) {
      const { answer } = await pass(made({ realm: "api" }), rawGet("/", fields as Record<string, string>));
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="api"');
    }
  });

  test("when required claims or the type are missing", async () => {
    expect(await statusOf(await rsa.sign(), { requiredClaims: ["exp", "tenant"] })).toBe(401);
    expect(await statusOf(await rsa.sign(), { tokenType: "at+jwt" })).toBe(401);
    expect(
      await statusOf(await rsa.sign(goodClaims(), { kid: "rsa", typ: "at+jwt" }), { tokenType: "at+jwt" }),
    ).toBe(200);
  });
});

describe("a public key", () => {
  /** Signs with what everybody knows as if it were a secret. */
  function confused(secret: string): string {
    const signed = `${tokenPart({ alg: "HS256", kid: "rsa" })}.${tokenPart(goodClaims())}`;
    return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
  }

  test("is never a secret, wherever it comes from", async () => {
    for (const secret of [rsa.pem, rsa.pem.trim(), JSON.stringify(rsa.jwk)]) {
      expect(await statusOf(confused(secret))).toBe(401);
      expect(await statusOf(confused(secret), { jwks: undefined, publicKey: rsa.pem })).toBe(401);
    }
  });

  test("of one kind is none for an algorithm of another, though that is listed", async () => {
    const options = { algorithms: ["ES256", "RS256"], jwks: undefined, publicKey: rsa.pem };
    expect(await statusOf(await ec.sign(), options)).toBe(401);
    expect(await statusOf(await rsa.sign(), options)).toBe(200);
  });

  test("that is for no listed algorithm is our fault, not the token's", async () => {
    const options = { algorithms: ["ES256"], jwks: undefined, publicKey: rsa.pem };
    expect(await statusOf(await ec.sign(), options)).toBe(503);
  });
});

describe("scopes", () => {
  test.each([
    [{ scope: "read write" }, 200],
    [{ scp: ["write", "read"] }, 200],
    [{ scp: "read write" }, 200],
    [{ scope: "read" }, 403],
    [{ scope: "readwrite" }, 403],
    [{ scope: 1 }, 403],
    [{}, 403],
  ])("%j: %d", async (claims, status) => {
    const token = await rsa.sign({ ...goodClaims(), ...claims });
    const { answer, seen } = await pass(made({ scopes: ["read", "write"] }), bearing(token));
    expect(answer.status).toBe(status);
    if (status === 200) return;
    expect(seen).toBeUndefined();
    expect(answer.headers.get("www-authenticate")).toBe(
      'Bearer realm="Restricted", error="insufficient_scope", scope="read write"',
    );
  });
});

describe("options", () => {
  const { jwks, ...rest } = BASE;
  test.each<[object, string]>([
    [{ jwks }, "jwt.algorithms: found nothing, expected a list"],
    [
      { ...BASE, algorithms: [] },
      "jwt.algorithms: found an empty list, expected those that the issuer signs with",
    ],
    [
      { ...BASE, algorithms: ["none"] },
      'jwt.algorithms: found "none", expected RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519, HS256, HS384 or HS512',
    ],
    [
      { ...BASE, algorithms: ["RS256", "HS256"] },
      "jwt.algorithms: found HS256 with jwks: whoever has a public key could sign",
    ],
    [
      { ...rest, publicKey: rsa.pem, algorithms: ["HS256"] },
      "jwt.algorithms: found HS256 with publicKey: whoever has a public key could sign",
    ],
    [{ ...rest, secret: SECRET }, "jwt.algorithms: found RS256 with secret: a secret is no key for it"],
    [{ ...rest, secret: "short", algorithms: ["HS256"] }, "jwt.secret: expected at least 32 bytes"],
    [{ ...rest, secret: SECRET, algorithms: ["HS256", "HS512"] }, "jwt.secret: expected at least 64 bytes"],
    [rest, "jwt: found no keys, expected one of jwksUrl, jwks, publicKey and secret"],
    [
      { ...BASE, secret: SECRET },
      "jwt: found jwks and secret, expected one of jwksUrl, jwks, publicKey and secret",
    ],
    [
      { ...rest, publicKey: "-----BEGIN PRIVATE KEY-----" },
      "jwt.publicKey: found a private key, expected the public one",
    ],
    [
      { ...rest, publicKey: "pem" },
      "jwt.publicKey: expected a public key or a certificate as PEM: -----BEGIN PUBLIC KEY-----",
    ],
    [
      { ...rest, jwks: { keys: [{ kty: "oct", k: "c2VjcmV0" }] } },
      "jwt.jwks.keys[0]: found a secret or private key, expected a public one",
    ],
    [
      { ...rest, jwksUrl: "login.test/keys" },
      'jwt.jwksUrl: found "login.test/keys", expected a URL such as https://login.example.com/.well-known/jwks.json',
    ],
    [
      { ...BASE, claimHeaders: { "x user": "sub" } },
      'jwt.claimHeaders: found the name "x user", expected the name of a header, such as x-user',
    ],
    [
      { ...rest, jwksUrl: "https://a.test/", jwksKeepMs: 1_000 },
      "jwt.jwksKeepMs: found 1000, expected no less than jwksRefreshMs, 600000",
    ],
  ])("%#", (options, message) => {
    expect(() => createJwt(rulesOf("jwt", options), depsOf())).toThrow(new ConfigError(message));
  });
});
