// Written by `npm run docs` from the schemas: change those.

/** Which other origins may read answers, and what they may ask. Preflights are answered here. */
export interface CorsConfig {
  /**
   * The origins: `https://example.com`, `https://*.example.com` for every name below it, `*` for all, or an
   * expression that the whole origin must match.
   */
  readonly origins: readonly (string | RegExp | { readonly pattern: string; readonly flags?: string })[];
  /** The methods that they may use. Default `["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]`. */
  readonly methods?: readonly string[];
  /**
   * The header fields that they may send beside those that are always allowed; `*` is all that they ask for.
   * Default `"*"`.
   */
  readonly headers?: "*" | readonly string[];
  /**
   * The header fields of answers that their scripts may read beside those that they always may. Default:
   * none.
   */
  readonly exposedHeaders?: readonly string[];
  /** Whether they may send cookies and other credentials. Default `false`. */
  readonly credentials?: boolean;
  /**
   * How long a browser may go by a preflight's answer, in seconds. Browsers take two hours to a day at most.
   * Default 600.
   */
  readonly maxAgeSeconds?: number;
  /** Whether pages of the public network may ask this one in a private network. Default `false`. */
  readonly privateNetwork?: boolean;
}

/** How the header fields are changed that a backend gets. */
export interface RequestHeadersConfig {
  /** Fields that are taken away from a request first, by their names. Default: none. */
  readonly remove?: readonly string[];
  /** Fields with their values; each takes the place of all fields of its name. Default: none. */
  readonly set?: Readonly<Record<string, string>>;
  /** Fields with their values, or lists of them; each becomes one more field of its name. Default: none. */
  readonly add?: Readonly<Record<string, string | readonly string[]>>;
}

/** How requests are numbered, each by a random UUID. */
export interface RequestIdConfig {
  /** The header field that carries the number. Default `"x-request-id"`. */
  readonly header?: string;
  /**
   * Whether a number that a trusted proxy has given is kept. One of a client's own never is. Default `true`.
   */
  readonly keepTrusted?: boolean;
  /** Whether the client is told it. Default `true`. */
  readonly inResponse?: boolean;
}

/** How the header fields are changed that a client gets. */
export interface ResponseHeadersConfig {
  /** Fields that are taken away from an answer first, by their names. Default: none. */
  readonly remove?: readonly string[];
  /** Fields with their values; each takes the place of all fields of its name. Default: none. */
  readonly set?: Readonly<Record<string, string>>;
  /** Fields with their values, or lists of them; each becomes one more field of its name. Default: none. */
  readonly add?: Readonly<Record<string, string | readonly string[]>>;
}
