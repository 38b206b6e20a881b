/** Methods that may be repeated without harm (RFC 9110 §9.2.2). */
const IDEMPOTENT = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);

/** Whether repeating a request with this method is harmless. */
export function isIdempotent(method: string): boolean {
  return method === "GET" || IDEMPOTENT.has(method);
}

/**
 * Whether requests with this method are forwarded. CONNECT asks for a tunnel to anywhere, which is a forward
 * proxy's business; TRACE shows whoever asks what the proxies on the way added (RFC 9110 §9.3.6, §9.3.8).
 */
export function isForwarded(method: string): boolean {
  return method !== "CONNECT" && method !== "TRACE";
}
