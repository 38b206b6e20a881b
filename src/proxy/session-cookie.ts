import type { ResolvedStickyCookie, SameSite } from "../config/resolved.ts";
import type { Backend } from "../core/backend.ts";
import { SessionKeepers, type Stickiness } from "../core/sticky.ts";

/** What of a config makes the cookie (RFC 6265 §4.1), and sessions of it. */
export type SessionCookieRules = Omit<ResolvedStickyCookie, "by" | "secret">;

/** The values of `Set-Cookie` that name a backend. */
interface Lines {
  readonly plain: string;
  readonly secure: string;
}

/**
 * A cookie that names a client's backend. All that can be worked out is when the backends change: a request costs
 * a look into a map, and an answer nothing but for its client's first, and where the client has moved.
 */
export class SessionCookie implements Stickiness {
  readonly #rules: SessionCookieRules;
  readonly #keepers: SessionKeepers;
  readonly #tokenOf: (id: string) => string;
  #backends: ReadonlyMap<string, Backend> = new Map();
  #lines: ReadonlyMap<Backend, Lines> = new Map();

  /** @param tokenOf Makes the value that names a backend, out of its id. */
  constructor(rules: SessionCookieRules, tokenOf: (id: string) => string) {
    this.#rules = rules;
    this.#keepers = new SessionKeepers(rules.drainGraceMs);
    this.#tokenOf = tokenOf;
  }

  /** Whether a value names a backend that there is. */
  readonly isKnown = (value: string): boolean => this.#backends.has(value);

  rebuild(members: readonly Backend[], nowMs: number): void {
    this.#keepers.rebuild(members, nowMs);
    const tokens = members.map((backend) => [this.#tokenOf(backend.id), backend] as const);
    this.#backends = new Map(tokens);
    this.#lines = new Map(tokens.map(([token, backend]) => [backend, this.#linesOf(token)]));
  }

  backendOf(session: string, nowMs: number): Backend | undefined {
    const backend = this.#backends.get(session);
    return backend !== undefined && this.#keepers.keeps(backend, nowMs) ? backend : undefined;
  }

  /** The same: it remembers nothing of who asks. */
  peek(session: string, nowMs: number): Backend | undefined {
    return this.backendOf(session, nowMs);
  }

  /** Does nothing: the client is told with its answer. */
  bind(): void {}

  /**
   * Whether a client has to be told of its backend.
   *
   * @param session The cookie that it sent.
   * @param backend Who answers it.
   */
  isNews(session: string, backend: Backend): boolean {
    return this.#backends.get(session) !== backend;
  }

  /**
   * The value of the `Set-Cookie` that tells a client of its backend. Undefined if that is no member any more.
   *
   * @param isSecure Whether the client speaks TLS.
   */
  line(backend: Backend, isSecure: boolean): string | undefined {
    const lines = this.#lines.get(backend);
    return isSecure ? lines?.secure : lines?.plain;
  }

  #linesOf(token: string): Lines {
    const { name, path, domain, secure, httpOnly, sameSite, maxAgeSeconds } = this.#rules;
    let line = `${name}=${token}; Path=${path}`;
    if (domain !== "") line += `; Domain=${domain}`;
    if (maxAgeSeconds !== undefined) line += `; Max-Age=${maxAgeSeconds}`;
    if (httpOnly) line += "; HttpOnly";
    line += `; SameSite=${SAME_SITES[sameSite]}`;
    const withSecure = `${line}; Secure`;
    return { plain: secure === true ? withSecure : line, secure: secure === false ? line : withSecure };
  }
}

const SAME_SITES = { lax: "Lax", strict: "Strict", none: "None" } as const satisfies Record<SameSite, string>;
