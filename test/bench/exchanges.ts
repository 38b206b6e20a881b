/** What a client and the backend say to each other in one request: what the load is made of. */

/** One kind of request and its answer. */
export interface Exchange {
  readonly name: string;
  readonly path: string;
  /** The length of the answer's body. */
  readonly replyBytes: number;
  /** The length of the body of a POST; 0 is a GET. */
  readonly bodyBytes: number;
  /** What the client sends beside Host. */
  readonly headers: Readonly<Record<string, string>>;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * What a browser sends to a site it knows: with Host twelve headers, and a head of about 600 bytes. In the
 * order that it sends them.
 */
const BROWSER_HEADERS = {
  "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
  Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "Accept-Language": "en-GB,en;q=0.5",
  "Accept-Encoding": "gzip, deflate, br, zstd",
  Referer: "https://www.example.com/products?page=2",
  Cookie: `session=${"0123456789abcdef".repeat(7)}; theme=dark; consent=yes`,
  "Sec-Fetch-Dest": "document",
  "Sec-Fetch-Mode": "navigate",
  "Sec-Fetch-Site": "same-origin",
  "Upgrade-Insecure-Requests": "1",
  "Cache-Control": "max-age=0",
} as const;

/** The one that proxies are warmed up with. */
export const SMALL_REPLY = replyOf("100 B", "/100", 100);

/** All that are measured. */
export const EXCHANGES = {
  smallReply: SMALL_REPLY,
  mediumReply: replyOf("10 KiB", "/10k", 10 * KIB),
  largeReply: replyOf("1 MiB", "/1m", MIB),
  smallPost: postOf("1 KiB", "/post-1k", KIB),
  largePost: postOf("1 MiB", "/post-1m", MIB),
  browser: { ...SMALL_REPLY, name: "100 B replies to 12-header requests", headers: BROWSER_HEADERS },
} as const satisfies Readonly<Record<string, Exchange>>;

/** Whether so much is under way when the load stops that bytes have to be counted and not replies. */
export function isLargeReply({ replyBytes }: Exchange): boolean {
  return replyBytes >= MIB;
}

function replyOf(size: string, path: string, replyBytes: number): Exchange {
  return { name: `${size} replies`, path, replyBytes, bodyBytes: 0, headers: {} };
}

/** Octets, not JSON: some proxies read JSON into memory, and that would be another case. */
function postOf(size: string, path: string, bodyBytes: number): Exchange {
  const headers = { "Content-Type": "application/octet-stream" };
  return { name: `POSTs of ${size}`, path, replyBytes: "ok".length, bodyBytes, headers };
}
