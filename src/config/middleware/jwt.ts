import * as v from "valibot";
import { named, optional, required, withDefault } from "../schema/keys.ts";
import { either, listOf, objectOf, recordOf } from "../schema/shapes.ts";
import { at, expecting, milliseconds, oneOf, secret, TOKEN, text, typed, yesOrNo } from "../schema/values.ts";

/** Of RFC 7518 §3.1 and RFC 8037 all that sign; `none` does not. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
  "HS256",
  "HS384",
  "HS512",
] as const;

const KEYS = ["jwksUrl", "jwks", "publicKey", "secret"] as const;

const isSymmetric = (algorithm: string) => algorithm.startsWith("HS");

const words = (expected: string) => {
  const word = text(expected, /^[^\p{Cc}]+$/u);
  return v.pipe(
    either([word, listOf(word)], (value) => (Array.isArray(value) ? 1 : 0)),
    v.transform((value): readonly string[] => (typeof value === "string" ? [value] : value)),
  );
};

/** A public key as JSON; what is in a private one is not told. */
const jwk = typed<Readonly<Record<string, unknown>>>(
  v.pipe(
    v.custom<Readonly<Record<string, unknown>>>(
      (value) =>
        typeof value === "object" && value !== null && typeof (value as { kty?: unknown }).kty === "string",
      'expected a key with its "kty"',
    ),
    v.check(
      ({ kty, d }) => kty !== "oct" && d === undefined,
      "found a secret or private key, expected a public one",
    ),
  ),
  { type: "Readonly<Record<string, unknown>>" },
);

const publicKey = v.pipe(
  v.string("expected a public key or a certificate as PEM"),
  v.check((pem) => !pem.includes("PRIVATE KEY"), "found a private key, expected the public one"),
  v.check(
    (pem) => /-----BEGIN (?:PUBLIC KEY|CERTIFICATE)-----[A-Za-z0-9+/=\s]+-----END /.test(pem),
    "expected a public key or a certificate as PEM: -----BEGIN PUBLIC KEY-----",
  ),
);

const jwksUrl = v.pipe(
  v.string(expecting("a URL such as https://login.example.com/.well-known/jwks.json")),
  v.check(
    (url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) && new URL(url).username === "",
    expecting("a URL such as https://login.example.com/.well-known/jwks.json"),
  ),
);

/** Options of the middleware `jwt`. */
export const jwtSchema = named(
  "JwtConfig",
  "Who may come in by a JSON Web Token that somebody trusted has signed (RFC 7519), as a bearer (RFC 6750).",
  v.pipe(
    objectOf({
      algorithms: required(
        "The algorithms that count, and no other: those that the issuer signs with.",
        v.pipe(
          listOf(oneOf(ALGORITHMS)),
          v.minLength(1, "found an empty list, expected those that the issuer signs with"),
        ),
      ),
      jwksUrl: optional(
        "Where the issuer publishes its keys. Only https keeps others from putting in theirs.",
        jwksUrl,
        "the keys are here",
      ),
      jwks: optional(
        "The issuer's public keys.",
        objectOf({ keys: required("The keys, as JSON Web Keys.", listOf(jwk)) }),
        "the keys are elsewhere",
      ),
      publicKey: optional(
        "The issuer's public key or certificate, as PEM.",
        publicKey,
        "the keys are elsewhere",
      ),
      secret: optional(
        "What issuer and balancer both know, for HS256, HS384 and HS512: at least 32, 48 or 64 bytes.",
        secret(v.string("expected a text")),
        "the keys are public ones",
      ),
      issuer: optional(
        "Who may have made a token (`iss`): one, or several of which any.",
        words("an issuer, or a list of them"),
        "whoever has the key",
      ),
      audience: optional(
        "Whom a token may be for (`aud`): one, or several of which any. Without it, what an issuer made for others counts here too.",
        words("an audience, or a list of them"),
        "whoever it may be for",
      ),
      tokenType: optional(
        "What `typ` has to say: `at+jwt` keeps others than access tokens out.",
        text("a type such as at+jwt", /^[\x21-\x7e]+$/),
        "anything",
      ),
      clockToleranceMs: withDefault(
        "How far the issuer's clock may be from ours, in milliseconds.",
        milliseconds(0),
        5_000,
      ),
      requiredClaims: withDefault(
        "Claims that have to be there. Without `exp`, a token may be good for ever.",
        listOf(text("a claim's name")),
        ["exp"],
      ),
      scopes: withDefault(
        "Scopes that a token has to cover, all of them; else it is answered with 403.",
        listOf(text("a scope", /^[\x21\x23-\x5b\x5d-\x7e]+$/)),
        [],
      ),
      claimHeaders: withDefault(
        "Header fields that tell the backend what the token says: the claim for each field, with dots where it is inside others. A client's own never pass.",
        recordOf(TOKEN, "the name of a header, such as x-user", text("a claim's name, such as sub")),
        {},
      ),
      tokenCookie: optional(
        "A cookie that may hold the token too.",
        text("the name of a cookie", TOKEN),
        "no cookie is looked at",
      ),
      tokenParameter: optional(
        "A query parameter that may hold the token too. URLs are logged and kept, so think twice.",
        text("the name of a parameter", /^[\w.~-]+$/),
        "the query is not looked at",
      ),
      forwardCredentials: withDefault("Whether the backend is sent the token.", yesOrNo(), true),
      optional: withDefault("Whether a request without a token passes too, as nobody's.", yesOrNo(), false),
      realm: withDefault(
        "What the answer to a request without a token names.",
        text("a text of visible ASCII characters and spaces", /^[\x20-\x7e]{1,128}$/),
        "Restricted",
      ),
      jwksTimeoutMs: withDefault("The longest wait for the keys, in milliseconds.", milliseconds(1), 5_000),
      jwksRefreshMs: withDefault(
        "How old the keys may get before newer ones are fetched beside the requests, in milliseconds.",
        milliseconds(1_000),
        600_000,
      ),
      jwksCooldownMs: withDefault(
        "The least time from one fetch to the next, in milliseconds, whatever keys tokens name.",
        milliseconds(100),
        30_000,
      ),
      jwksKeepMs: withDefault(
        "How old the keys may get while no newer ones can be fetched, in milliseconds.",
        milliseconds(1_000),
        86_400_000,
      ),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const { algorithms, secret, jwksRefreshMs, jwksKeepMs } = dataset.value;
      const given = KEYS.filter((key) => dataset.value[key] !== undefined);
      if (given.length !== 1) {
        const found = given.length === 0 ? "no keys" : given.join(" and ");
        addIssue({ message: `found ${found}, expected one of jwksUrl, jwks, publicKey and secret` });
        return;
      }
      const misfit = algorithms.find((algorithm) => isSymmetric(algorithm) !== (secret !== undefined));
      if (misfit !== undefined) {
        const why =
          secret === undefined ? "whoever has a public key could sign" : "a secret is no key for it";
        addIssue({ message: `found ${misfit} with ${given[0]}: ${why}`, ...at(dataset.value, "algorithms") });
      }
      const needed = Math.max(
        ...algorithms.filter(isSymmetric).map((algorithm) => Number(algorithm.slice(2)) / 8),
      );
      const bytes = secret === undefined ? Number.POSITIVE_INFINITY : new TextEncoder().encode(secret).length;
      // RFC 7518 §3.2.
      if (bytes < needed) {
        addIssue({ message: `expected at least ${needed} bytes`, ...at(dataset.value, "secret") });
      }
      if (jwksKeepMs < jwksRefreshMs) {
        addIssue({
          message: `found ${jwksKeepMs}, expected no less than jwksRefreshMs, ${jwksRefreshMs}`,
          ...at(dataset.value, "jwksKeepMs"),
        });
      }
    }),
  ),
);

/** What a user writes. */
export type JwtConfig = v.InferInput<typeof jwtSchema>;
