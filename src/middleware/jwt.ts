import type { JWTPayload, JWTVerifyOptions } from "jose";
import { changedRequest } from "../proxy/changed-request.ts";
import { withFields } from "../proxy/changed-response.ts";
import { forbidden, problemResponse, serviceUnavailable, unauthorized } from "../proxy/problem.ts";
import { findToken, removeToken, type TokenPlaces, urlWithoutToken } from "./bearer-token.ts";
import { setIdentityFields } from "./identity-fields.ts";
import { type FetchedKeys, fetchedKeys, type JwtKeyRules, type JwtKeys, jwtKeys } from "./jwt-keys.ts";
import type { Middleware, MiddlewareDeps } from "./middleware.ts";
import { KeysUnavailable } from "./remote-jwks.ts";
import { type Claims, claimField, coversScopes } from "./token-claims.ts";

/** Which tokens are good (RFC 7519, RFC 6750). */
export interface JwtRules extends JwtKeyRules, TokenPlaces {
  /** Who may have made them; undefined is anybody who has the key. */
  readonly issuer?: readonly string[] | undefined;
  /** Whom they may be for; undefined is anybody. */
  readonly audience?: readonly string[] | undefined;
  /** What `typ` has to say (RFC 9068 §4: `at+jwt`); undefined is anything. */
  readonly tokenType?: string | undefined;
  /** How far the clocks may be apart, in milliseconds. */
  readonly clockToleranceMs: number;
  /** Claims that have to be there. */
  readonly requiredClaims: readonly string[];
  /** Scopes that all have to be covered. */
  readonly scopes: readonly string[];
  /** Claims by the names of the fields that tell the backend of them. */
  readonly claimHeaders: Readonly<Record<string, string>>;
  /** Whether the backend is sent the token. */
  readonly forwardCredentials: boolean;
  /** Whether a request without a token passes too, as nobody's. */
  readonly optional: boolean;
  /** Visible ASCII characters and spaces. */
  readonly realm: string;
}

/** Under this key middlewares find the token's claims in `context.state`. */
export const CLAIMS = "claims";

/** Longer than any server takes in a head. */
const MOST_CHARACTERS = 16_384;
/** How many keys of one set are tried where the token does not name one. */
const MOST_KEYS_TRIED = 8;
const RETRY_AFTER_SECONDS = 5;
const NO_KEYS = "The keys to check tokens with are not to be had at the moment.";

type Jose = typeof import("jose");

/** What checks tokens, made when there is a first one. */
interface Verifier {
  readonly jose: Jose;
  readonly keys: JwtKeys;
  readonly options: JWTVerifyOptions;
}

/**
 * Lets in who shows a token that is good: signed with a key that is known, by an algorithm that is listed, in its time,
 * and for us. A key never decides which algorithm it is for, and a token never decides which kind of key checks it.
 */
export function createJwt(rules: JwtRules, deps: MiddlewareDeps): Middleware {
  // Now: whoever had them before may be gone in a moment.
  const remote = fetchedKeys(rules, deps);
  // Some 20 ms where it is no part of a bundle: so only those wait who use it, and not from the first request on.
  const loading = import("jose").then((jose) => verifierOf(jose, rules, remote, deps));
  // Whoever waits for it is told.
  loading.catch(() => {});
  const challenge = `Bearer realm="${rules.realm.replace(/["\\]/g, "\\$&")}"`;
  const claimNames = Object.entries(rules.claimHeaders).map(
    ([field, claim]) => [field.toLowerCase(), claim] as const,
  );
  const vouched = claimNames.map(([field]) => field);
  const changesRequests = claimNames.length > 0 || !rules.forwardCredentials;

  const passedOn = (request: Request, claims: Claims): Request => {
    if (!changesRequests) return request;
    const headers = new Headers(request.headers);
    const fields = claimNames.map(([field, claim]) => [field, claimField(claims, claim)] as const);
    setIdentityFields(headers, fields);
    if (rules.forwardCredentials) return changedRequest(request, { headers, vouched });
    removeToken(headers, rules);
    return changedRequest(request, { headers, vouched, url: urlWithoutToken(request.url, rules) });
  };

  return async function jwt(request, next, context) {
    const found = findToken(request, rules);
    if (found === undefined) {
      return rules.optional ? next(passedOn(request, NOTHING)) : problemResponse(unauthorized(challenge));
    }
    const verifier = await loading;
    let claims: JWTPayload;
    try {
      claims = await verified(verifier, found.token);
    } catch (error) {
      if (error instanceof KeysUnavailable) {
        return problemResponse(serviceUnavailable(NO_KEYS, RETRY_AFTER_SECONDS));
      }
      const why = faultOf(verifier.jose, error);
      if (why === undefined) throw error;
      return problemResponse(unauthorized(`${challenge}, error="invalid_token", error_description="${why}"`));
    }
    if (!coversScopes(claims, rules.scopes)) {
      const scope = rules.scopes.join(" ");
      const wanted = `${challenge}, error="insufficient_scope", scope="${scope}"`;
      return problemResponse({ ...forbidden("The token does not cover this."), challenge: wanted });
    }
    context.state.set(CLAIMS, claims);
    const answer = await next(passedOn(request, claims));
    return found.isInUrl ? withFields(answer, keepPrivate) : answer;
  };
}

const NOTHING: Claims = {};

function verifierOf(
  jose: Jose,
  rules: JwtRules,
  remote: FetchedKeys | undefined,
  { warn }: MiddlewareDeps,
): Verifier {
  const { issuer, audience, tokenType } = rules;
  const options: JWTVerifyOptions = {
    algorithms: [...rules.algorithms],
    requiredClaims: [...rules.requiredClaims],
    clockTolerance: rules.clockToleranceMs / 1000,
    ...(issuer === undefined ? {} : { issuer: [...issuer] }),
    ...(audience === undefined ? {} : { audience: [...audience] }),
    ...(tokenType === undefined ? {} : { typ: tokenType }),
  };
  return { jose, keys: jwtKeys(jose, rules, remote, warn), options };
}

/** @throws KeysUnavailable, or what `faultOf` knows to be the token's fault. */
async function verified(verifier: Verifier, token: string): Promise<JWTPayload> {
  const { jose, keys } = verifier;
  if (token.length > MOST_CHARACTERS) throw new jose.errors.JWTInvalid("the token is too long");
  try {
    return await verifiedNow(verifier, token);
  } catch (error) {
    if (!(error instanceof jose.errors.JWKSNoMatchingKey)) throw error;
    // It may be signed with a key that is newer than ours.
    const renewal = await keys.renew();
    if (renewal === "failed") throw new KeysUnavailable("a key that may be new could not be fetched");
    if (renewal === "too soon") throw error;
    return verifiedNow(verifier, token);
  }
}

async function verifiedNow({ jose, keys, options }: Verifier, token: string): Promise<JWTPayload> {
  try {
    return (await jose.jwtVerify(token, keys.find, options)).payload;
  } catch (error) {
    if (!(error instanceof jose.errors.JWKSMultipleMatchingKeys)) throw error;
    let tried = 0;
    for await (const key of error) {
      tried += 1;
      if (tried > MOST_KEYS_TRIED) break;
      try {
        return (await jose.jwtVerify(token, key, options)).payload;
      } catch (failure) {
        if (!(failure instanceof jose.errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw new jose.errors.JWSSignatureVerificationFailed();
  }
}

/** What is wrong with a token, for its client; undefined if it is not the token's fault. */
function faultOf({ errors }: Jose, error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "nbf") {
    return "the token is not valid yet";
  }
  return error instanceof errors.JOSEError ? "the token is not valid" : undefined;
}

/** An answer to a URL with a token in it is for nobody else (RFC 6750 §2.3). */
function keepPrivate(headers: Headers): void {
  const said = headers.get("cache-control");
  if (said === null) headers.set("cache-control", "private");
  else if (!/\b(?:private|no-store)\b/i.test(said)) headers.set("cache-control", `${said}, private`);
}
