// Written by `npm run docs` from the schemas: change those.

/** Which answers are compressed for clients that take it. */
export interface CompressionConfig {
  /**
   * The codings, the best first: that decides between those that a client takes equally gladly. Node has zstd
   * from 22.15 on; before, it goes without. Default `["zstd", "br", "gzip"]`.
   */
  readonly codings?: readonly ("zstd" | "br" | "gzip")[];
  /**
   * The media types: `text/html`, `text/*` for all of a kind, `+json` for all that are written in JSON.
   * Default `["text/*", "+json", "+text", "+xml", "application/atom+xml", "application/graphql",
   * "application/javascript", "application/json", "application/rtf", "application/vnd.ms-fontobject",
   * "application/wasm", "application/x-javascript", "application/x-ndjson", "application/xml", "font/otf",
   * "font/ttf", "image/bmp", "image/svg+xml", "image/x-icon"]`.
   */
  readonly types?: readonly string[];
  /**
   * An answer that says that it is shorter stays as it is, in bytes. One that does not say how long it is is
   * compressed. Default 1024.
   */
  readonly minBytes?: number;
  /** How hard gzip tries: 1 is the quickest, 9 the smallest. Default 6. */
  readonly gzipLevel?: number;
  /** How hard Brotli tries: 0 is the quickest, 11 the smallest, and far slower. Default 4. */
  readonly brotliQuality?: number;
  /** How hard Zstandard tries: 1 is the quickest, 19 the smallest. Default 3. */
  readonly zstdLevel?: number;
  /**
   * How many answers are compressed at once; those beyond pass as they are. Each takes up to 3 MiB while it
   * lasts, event streams too. Default 256.
   */
  readonly maxStreams?: number;
}

/** Some requests wait. */
export interface DelayConfig {
  /** How long, in milliseconds. */
  readonly delayMs: number;
  /** How many of a hundred. Default 100. */
  readonly percent?: number;
}

/** Some requests fail. */
export interface AbortConfig {
  /** What they are answered with. Default 503. */
  readonly status?: number;
  /** How many of a hundred, of those that wait and of those that do not. Default 100. */
  readonly percent?: number;
}

/** What goes wrong on purpose, by chance, to see what those who ask make of it. */
export interface FaultsConfig {
  /** Lets requests wait. Default: none waits. */
  readonly delay?: DelayConfig;
  /** Lets requests fail. Default: none fails. */
  readonly abort?: AbortConfig;
}

/** How large messages may be. */
export interface LimitsConfig {
  /** The longest body of a request, in bytes; longer ones are answered with 413. Default: no limit. */
  readonly maxRequestBytes?: number;
  /**
   * The longest body of an answer, in bytes. A longer one that says so becomes 502; one that does not breaks
   * off. Default: no limit.
   */
  readonly maxResponseBytes?: number;
  /**
   * All header fields of a request together, in bytes; more are answered with 431. The server has a limit of
   * its own before this one. Default: no limit but the server's.
   */
  readonly maxHeaderBytes?: number;
}

/** How clients are put off with 503 while nothing is to be had. */
export interface MaintenanceConfig {
  /** Whether it is on. Default `true`. */
  readonly enabled?: boolean;
  /** When clients should come again, in seconds. Default 300. */
  readonly retryAfterSeconds?: number;
  /** What they are shown. Default: a problem in JSON (RFC 9457). */
  readonly page?: string;
  /** The page's media type. Default `"text/html; charset=utf-8"`. */
  readonly contentType?: string;
  /** Whose requests are answered as ever, as addresses or CIDRs. Default: none. */
  readonly allow?: readonly string[];
}

/** What every request is answered with, without a backend. */
export interface RespondConfig {
  /** The status. Default 200. */
  readonly status?: number;
  /** The body. Default `""`. */
  readonly body?: string;
  /** The body's media type. Default `"text/plain; charset=utf-8"`. */
  readonly contentType?: string;
  /** More header fields, with their values. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
}
