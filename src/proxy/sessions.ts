import { type Cidr, isInAny } from "../config/cidr.ts";
import type { ResolvedSticky } from "../config/resolved.ts";
import type { Backend } from "../core/backend.ts";
import type { KeySource } from "../core/picking/picker.ts";
import { type Stickiness, StickTable } from "../core/sticky.ts";
import type { ClientInfo } from "./client.ts";
import { type RequestKey, requestKey } from "./request-key.ts";
import { SessionCookie } from "./session-cookie.ts";
import { sessionTokens } from "./session-token.ts";

/** What a balancer's sessions are, and what remembers them. */
export interface Sessions {
  /** What of a request tells its session. */
  readonly source: KeySource;
  readonly stickiness: Stickiness;
  /** The same, where it is a cookie. */
  readonly cookie: SessionCookie | undefined;
}

/**
 * Makes what a config asks for.
 *
 * @throws ConfigError where the runtime cannot make the cookie's values.
 */
export function createSessions(config: ResolvedSticky): Sessions {
  if (config.by !== "cookie") {
    return { source: config.by, stickiness: new StickTable(config), cookie: undefined };
  }
  const cookie = new SessionCookie(config, sessionTokens(config.secret));
  return { source: `cookie:${config.name}`, stickiness: cookie, cookie };
}

/** The sessions of requests that are a `Request`. The same as `front/relay-sessions.ts` finds in bytes. */
export class RequestSessions {
  /** Works out what a request's session is called. */
  readonly of: RequestKey;
  readonly #cookie: SessionCookie | undefined;
  readonly #trustedProxies: readonly Cidr[];

  constructor({ source, cookie }: Sessions, trustedProxies: readonly Cidr[]) {
    this.of = requestKey(source, trustedProxies, cookie?.isKnown);
    this.#cookie = cookie;
    this.#trustedProxies = trustedProxies;
  }

  /**
   * Tells the client of its backend, if it has to be told.
   *
   * @param answer The answer's fields.
   * @param client Undefined if unknown.
   */
  tell(
    answer: Headers,
    session: string,
    backend: Backend,
    request: Request,
    client: ClientInfo | undefined,
  ): void {
    if (this.#cookie?.isNews(session, backend) !== true) return;
    const isSecure =
      client === undefined
        ? request.url.startsWith("https:")
        : speaksTls(client, request.headers.get("x-forwarded-proto"), this.#trustedProxies);
    const line = this.#cookie.line(backend, isSecure);
    if (line !== undefined) answer.append("set-cookie", line);
  }
}

/**
 * Whether the client itself speaks TLS, be it to us or to a proxy before us that is believed.
 *
 * @param forwardedProto `X-Forwarded-Proto`; null if there is none.
 */
export function speaksTls(
  client: ClientInfo,
  forwardedProto: string | null,
  trustedProxies: readonly Cidr[],
): boolean {
  // RFC 7239 §6.2, for peers without an address, as on a Unix socket.
  if (forwardedProto === null || !isInAny(trustedProxies, client.address || "unknown")) return client.tls;
  const [first = ""] = forwardedProto.split(",", 1);
  return first.trim().toLowerCase() === "https";
}
