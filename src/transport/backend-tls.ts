/** How TLS backends are spoken to. PEM is the text form of certificates and keys (RFC 7468). */
export interface BackendTlsOptions {
  /** The authorities that are believed, as PEM. Default: the system's. */
  readonly ca?: string;
  /** This side's certificate and its chain, as PEM. Default: none is shown. */
  readonly cert?: string;
  /** The key for it, as PEM. */
  readonly key?: string;
  /** The name to ask for and to check, for every backend. Default: each one's own host. */
  readonly serverName?: string;
  /** False believes any certificate. Default true. */
  readonly verify?: boolean;
}

/**
 * Makes sure that a runtime's `fetch` can do what is asked of it: it would leave out the rest without a word.
 *
 * @param runtime What it is called.
 * @param able The keys that it knows.
 * @throws Error that names the first that it does not, unless that asks for what it does anyway.
 */
export function refuseUnableFetch(
  runtime: string,
  options: BackendTlsOptions,
  able: readonly (keyof BackendTlsOptions)[],
): void {
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || (key === "verify" && value === true)) continue;
    if (able.includes(key as keyof BackendTlsOptions)) continue;
    throw new Error(
      `tls.${key}: ${runtime}'s fetch cannot speak TLS in another way than by itself, use the http1 transport`,
    );
  }
}
