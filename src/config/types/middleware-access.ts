// Written by `npm run docs` from the schemas: change those.
import type { RequestContext } from "../../middleware/middleware.ts";

/**
 * Who may come in by a name and a password (RFC 7617). Use it over TLS only: the password goes with every
 * request.
 */
export interface BasicAuthConfig {
  /**
   * The hash of each user's password, by the user's name: one of bcrypt as `htpasswd -B` makes it, of
   * argon2id, or of PBKDF2. `lb hash-password` makes one. Outside Bun, only PBKDF2 is worked out beside what
   * serves.
   */
  readonly users: Readonly<Record<string, string>>;
  /** What the browser's question names. Default `"Restricted"`. */
  readonly realm?: string;
  /**
   * The header field that tells the backend the user's name, in UTF-8. One of the client's own never passes.
   * Default: the backend is not told.
   */
  readonly userHeader?: string;
  /** Whether the backend is sent the `Authorization` field, password and all. Default `false`. */
  readonly forwardCredentials?: boolean;
  /**
   * How long a password that was right is not worked out again, in milliseconds; 0 is not at all. Default
   * 300,000.
   */
  readonly rememberMs?: number;
  /** How many are remembered at once: about 200 bytes each. Default 1000. */
  readonly maxRemembered?: number;
  /**
   * How many passwords are worked out at once. Each takes a core for some 50 ms, and argon2id tens of
   * megabytes. Default 2.
   */
  readonly maxChecks?: number;
  /** How many more may wait for that; those beyond are answered with 503. Default 64. */
  readonly maxWaiting?: number;
  /** How many of one address may wait or be worked out; those beyond are answered with 429. Default 8. */
  readonly maxWaitingPerClient?: number;
}

/** Whose requests are answered, by the client's address as far as trusted proxies say it; others get 403. */
export interface IpAccessConfig {
  /**
   * Nobody else's, as addresses or CIDRs; without any, everybody's but those that `deny` names. Default:
   * none.
   */
  readonly allow?: readonly string[];
  /** Not theirs, whatever `allow` says. Default: none. */
  readonly deny?: readonly string[];
}

/**
 * Who may come in by a JSON Web Token that somebody trusted has signed (RFC 7519), as a bearer (RFC 6750).
 */
export interface JwtConfig {
  /** The algorithms that count, and no other: those that the issuer signs with. */
  readonly algorithms: readonly (
    | "RS256"
    | "RS384"
    | "RS512"
    | "PS256"
    | "PS384"
    | "PS512"
    | "ES256"
    | "ES384"
    | "ES512"
    | "EdDSA"
    | "Ed25519"
    | "HS256"
    | "HS384"
    | "HS512"
  )[];
  /**
   * Where the issuer publishes its keys. Only https keeps others from putting in theirs. Default: the keys
   * are here.
   */
  readonly jwksUrl?: string;
  /** The issuer's public keys. Default: the keys are elsewhere. */
  readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  /** The issuer's public key or certificate, as PEM. Default: the keys are elsewhere. */
  readonly publicKey?: string;
  /**
   * What issuer and balancer both know, for HS256, HS384 and HS512: at least 32, 48 or 64 bytes. Default: the
   * keys are public ones.
   */
  readonly secret?: string;
  /** Who may have made a token (`iss`): one, or several of which any. Default: whoever has the key. */
  readonly issuer?: string | readonly string[];
  /**
   * Whom a token may be for (`aud`): one, or several of which any. Without it, what an issuer made for others
   * counts here too. Default: whoever it may be for.
   */
  readonly audience?: string | readonly string[];
  /** What `typ` has to say: `at+jwt` keeps others than access tokens out. Default: anything. */
  readonly tokenType?: string;
  /** How far the issuer's clock may be from ours, in milliseconds. Default 5000. */
  readonly clockToleranceMs?: number;
  /** Claims that have to be there. Without `exp`, a token may be good for ever. Default `["exp"]`. */
  readonly requiredClaims?: readonly string[];
  /** Scopes that a token has to cover, all of them; else it is answered with 403. Default: none. */
  readonly scopes?: readonly string[];
  /**
   * Header fields that tell the backend what the token says: the claim for each field, with dots where it is
   * inside others. A client's own never pass. Default: none.
   */
  readonly claimHeaders?: Readonly<Record<string, string>>;
  /** A cookie that may hold the token too. Default: no cookie is looked at. */
  readonly tokenCookie?: string;
  /**
   * A query parameter that may hold the token too. URLs are logged and kept, so think twice. Default: the
   * query is not looked at.
   */
  readonly tokenParameter?: string;
  /** Whether the backend is sent the token. Default `true`. */
  readonly forwardCredentials?: boolean;
  /** Whether a request without a token passes too, as nobody's. Default `false`. */
  readonly optional?: boolean;
  /** What the answer to a request without a token names. Default `"Restricted"`. */
  readonly realm?: string;
  /** The longest wait for the keys, in milliseconds. Default 5000. */
  readonly jwksTimeoutMs?: number;
  /**
   * How old the keys may get before newer ones are fetched beside the requests, in milliseconds. Default
   * 600,000.
   */
  readonly jwksRefreshMs?: number;
  /**
   * The least time from one fetch to the next, in milliseconds, whatever keys tokens name. Default 30,000.
   */
  readonly jwksCooldownMs?: number;
  /** How old the keys may get while no newer ones can be fetched, in milliseconds. Default 86,400,000. */
  readonly jwksKeepMs?: number;
}

/**
 * How many requests a client may make. Those beyond are answered with 429 and `Retry-After`, and do not
 * count. Counted in memory, by each worker for itself; it goes on when the config is read anew with the same
 * limit in the same place.
 */
export interface RateLimitConfig {
  /** How many in a window. Default `perSecond` says it. */
  readonly requests?: number;
  /** The window, in milliseconds. Default 1,000 with `perSecond`. */
  readonly windowMs?: number;
  /** How many in a second, in place of `requests` and `windowMs`. Default: the other two say it. */
  readonly perSecond?: number;
  /**
   * `sliding-window`: never more than `requests` in any window; limits of more than 32 are counted in 32
   * groups, so that who asks unevenly may be refused a 32nd of them. `token-bucket`: one more as soon as its
   * part of the window has passed, and `burst` at once, so that a window may see both. Default
   * `"sliding-window"`.
   */
  readonly algorithm?: "sliding-window" | "token-bucket";
  /**
   * For `token-bucket`: how many at once, after a pause. Over a long time they come on top: 100 a second for
   * 10 seconds with a burst of 100 are 1,100. Default `requests`.
   */
  readonly burst?: number;
  /**
   * Whose requests count together: `ip` is the client's address as far as trusted proxies say it, `route` all
   * of a route, `header:NAME` and `cookie:NAME` what that says, and a function gives the key, or undefined
   * for no limit. What clients choose freely limits nobody: go by what was checked before. Default `"ip"`.
   */
  readonly key?: string | ((request: Request, context: RequestContext) => string | undefined);
  /** How many bits of an IPv6 address are one client's: a network has 64 or fewer of its own. Default 64. */
  readonly ipv6PrefixBits?: number;
  /**
   * How many keys are counted each by itself, for 40 to 170 bytes each; 25 with `token-bucket`. A key is
   * forgotten when it has its whole limit again, and not before, or making up keys would free from the limit.
   * While none can be, those that are new count in 1,024 groups, which is stricter. Default 100,000.
   */
  readonly maxKeys?: number;
  /**
   * What clients are told the limit is called. Limits of one name with the same numbers and key count
   * together, wherever they stand. Default `ip-60s` or what else the key and the window are, and each counts
   * by itself.
   */
  readonly name?: string;
  /** Whether clients are told what is left, in `RateLimit` and `RateLimit-Policy`. Default `true`. */
  readonly inResponse?: boolean;
}
