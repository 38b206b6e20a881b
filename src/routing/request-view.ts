/**
 * What routes look at in a request, whether it is a `Request` or bytes. Each is worked out when it is asked for, and
 * the same for both. It holds for as long as what it looks at.
 */
export interface RequestView {
  /** As it was written: methods are case-sensitive (RFC 9110 §9.1). */
  readonly method: string;
  /** The host that is asked for, in lower case, without port and without a dot at the end; empty if none is named. */
  readonly host: string;
  /**
   * The path as it is compared (RFC 3986 §6.2.2): dot segments removed, escapes of unreserved characters decoded; `%2F`
   * stays. What is sent to a backend is the target as it came.
   */
  readonly path: string;
  /** The query without its `?`; empty if there is none. What no URL has unescaped is escaped. */
  readonly query: string;
  /** The client's address, as trusted proxies say; empty if nobody knows. */
  readonly clientAddress: string;
  /**
   * The value of a field, its lines joined as `Headers` joins them; null if it is not there.
   *
   * @param name In lower case.
   */
  header(name: string): string | null;
}
