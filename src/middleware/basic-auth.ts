import type { PasswordHash } from "../config/password-hash.ts";
import { ConfigError } from "../config/problem.ts";
import { changedRequest } from "../proxy/changed-request.ts";
import { problemResponse, serviceUnavailable, tooManyRequests, unauthorized } from "../proxy/problem.ts";
import { type BasicCredentials, readBasicCredentials } from "./basic-credentials.ts";
import { BoundedWork, type Refusal } from "./bounded-work.ts";
import { fieldText, setIdentityFields } from "./identity-fields.ts";
import type { Middleware } from "./middleware.ts";
import { fitsHash } from "./password-check.ts";
import { Remembered } from "./remembered.ts";

/** Who may come in by a name and a password. */
export interface BasicAuthRules {
  /** The hash of each user's password, by name; at least one. */
  readonly users: Readonly<Record<string, PasswordHash>>;
  /** Visible ASCII characters and spaces. */
  readonly realm: string;
  /** Where the backend is told the name; undefined is nowhere. In lower case. */
  readonly userHeader?: string | undefined;
  /** Whether the backend is sent the `Authorization` field. */
  readonly forwardCredentials: boolean;
  /** How long a password that was right is not worked out again, in milliseconds; 0 is not at all. */
  readonly rememberMs: number;
  /** How many are remembered at once. */
  readonly maxRemembered: number;
  /** How many passwords are worked out at once. */
  readonly maxChecks: number;
  /** How many more may wait for that. */
  readonly maxWaiting: number;
  /** How many of one address may wait or be worked out. */
  readonly maxWaitingPerClient: number;
}

/** Under this key middlewares find the user's name in `context.state`. */
export const USER = "user";

/** How long who is turned away for want of room is told to wait, in seconds. */
const RETRY_AFTER_SECONDS = 1;

/** The part of Node's `crypto` that is used here. Web Crypto has the same, but not at once. */
interface NodeCrypto {
  createHmac(
    algorithm: string,
    key: Uint8Array,
  ): { update(text: string): { digest(encoding: string): string } };
}

interface NodeProcess {
  getBuiltinModule?(name: string): unknown;
}

/**
 * Lets in who shows a name and a password that belong together (RFC 7617), and asks all others for them.
 *
 * A password takes long to check, so that stolen hashes are of little use. Therefore one that was right is remembered
 * for a while, not as it is but by an HMAC under a key that this process alone has; requests that show the same at
 * once are checked once; and how many are checked at once is limited. A name that nobody has costs the same work as
 * one that somebody has, so that answers do not tell which there are.
 *
 * @throws ConfigError in a runtime without node:crypto.
 */
export function createBasicAuth(rules: BasicAuthRules): Middleware {
  const users = new Map(Object.entries(rules.users).map(([name, hash]) => [name.normalize("NFC"), hash]));
  const hashes = [...users.values()];
  const fingerprint = fingerprints();
  const remembered = new Remembered<string>(rules.maxRemembered, rules.rememberMs);
  /** Checks under way. No more than may work and wait. */
  const checks = new Map<string, Promise<boolean | Refusal>>();
  const work = new BoundedWork({
    most: rules.maxChecks,
    mostWaiting: rules.maxWaiting,
    mostPerClient: rules.maxWaitingPerClient,
  });
  const question = `Basic realm="${rules.realm.replace(/["\\]/g, "\\$&")}", charset="UTF-8"`;
  const { userHeader, forwardCredentials } = rules;
  const vouched = userHeader === undefined ? [] : [userHeader];

  const check = async ({ name, password }: BasicCredentials): Promise<boolean> => {
    const known = users.get(name);
    // Always the same one for the same name, as it is for a name that somebody has.
    const hash = known ?? (hashes[fingerprint(name).charCodeAt(0) % hashes.length] as PasswordHash);
    const fits = await fitsHash(password, hash);
    return fits && known !== undefined;
  };

  const checkOnce = (print: string, credentials: BasicCredentials, client: string) => {
    const underWay = checks.get(print);
    if (underWay !== undefined) return underWay;
    const begun = work.run(client, () => check(credentials)).finally(() => checks.delete(print));
    checks.set(print, begun);
    return begun;
  };

  const admitted = (request: Request, name: string): Request => {
    if (userHeader === undefined && forwardCredentials) return request;
    const headers = new Headers(request.headers);
    if (!forwardCredentials) headers.delete("authorization");
    if (userHeader !== undefined) setIdentityFields(headers, [[userHeader, fieldText(name)]]);
    return changedRequest(request, { headers, vouched });
  };

  return async function basicAuth(request, next, context) {
    const field = request.headers.get("authorization");
    const credentials = readBasicCredentials(field);
    if (credentials === undefined || field === null) return problemResponse(unauthorized(question));
    const print = fingerprint(field);
    const nowMs = context.nowMs();
    if (remembered.get(print, nowMs) !== credentials.name) {
      const verdict = await checkOnce(print, credentials, context.clientAddress);
      if (verdict === "client") return problemResponse(tooManyRequests(RETRY_AFTER_SECONDS));
      if (verdict === "all") return problemResponse(serviceUnavailable(OVERLOADED, RETRY_AFTER_SECONDS));
      if (!verdict) return problemResponse(unauthorized(question));
      remembered.set(print, credentials.name, nowMs);
    }
    context.state.set(USER, credentials.name);
    return next(admitted(request, credentials.name));
  };
}

const OVERLOADED = "Too many passwords are being checked at the moment.";

/** Makes of each text one that says nothing of it to those who do not have this process's key (RFC 2104). */
function fingerprints(): (text: string) => string {
  const { process } = globalThis as { process?: NodeProcess };
  const crypto = process?.getBuiltinModule?.("node:crypto") as NodeCrypto | undefined;
  if (crypto === undefined) {
    throw new ConfigError(
      "basicAuth: found a runtime without node:crypto, expected Bun, Deno, or Node 20.16 or later",
    );
  }
  const key = globalThis.crypto.getRandomValues(new Uint8Array(32));
  return (text) => crypto.createHmac("sha256", key).update(text).digest("base64url");
}
