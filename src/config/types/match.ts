// Written by `npm run docs` from the schemas: change those.

/**
 * What a value must be: a text, `true` for any, or a regular expression that finds something in it, which is
 * `{ pattern, flags }` in a file.
 */
export type ValueMatchConfig = string | true | RegExp | { readonly pattern: string; readonly flags?: string };

/** Which requests a route is for: those that keep all of it. */
export interface MatchConfig {
  /**
   * The host that is asked for: `api.example.com`, or `*.example.com` for all names below it, at any depth.
   * Default: any.
   */
  readonly host?: string;
  /**
   * The path: `/a` and no other, `/a/*` for `/a` and all below it, `/users/:id/posts` with anything in place
   * of `:id`. Paths are compared without dot segments, and with no more escapes than they need. Default: any.
   */
  readonly path?: string;
  /**
   * The methods, whose case counts. A CORS preflight is also for the routes of the method that it asks about.
   * Default: any.
   */
  readonly method?: readonly string[];
  /** What header fields must be, by their names. Default: any. */
  readonly headers?: Readonly<Record<string, ValueMatchConfig>>;
  /** What the query's parameters must be when they are decoded; the first of a name counts. Default: any. */
  readonly query?: Readonly<Record<string, ValueMatchConfig>>;
  /** What cookies must be. Default: any. */
  readonly cookies?: Readonly<Record<string, ValueMatchConfig>>;
  /** Where the client is, by addresses or CIDRs; what trusted proxies say of it counts. Default: anywhere. */
  readonly client?: readonly string[];
}
