/**
 * What a runtime's server and `fetch` cannot be brought to: each point is pinned exactly, so that a new version
 * of the runtime that does better, or worse, fails a test and is heard of. docs/REFERENCE.md has the same table.
 */
export interface Capabilities {
  /** Targets that reach the backend changed: what was sent, what came. */
  readonly rewrittenTargets: Readonly<Record<string, string>>;
  /** Fields that a backend gets and nobody sent, with their values. */
  readonly addedRequestFields: Readonly<Record<string, string>>;
  /** What `Accept-Encoding: gzip` reaches the backend as, a line each. */
  readonly acceptEncoding: readonly string[];
  /** The framing of a POST without a body: `content-length: 0`, as RFC 9110 §8.6 wants it, or none. */
  readonly emptyPost: "content-length: 0" | "none";
  /** The same for DELETE and OPTIONS. */
  readonly emptyDelete: "content-length: 0" | "none";
  /** The framing of an upload larger than what is kept for another try, sent with a Content-Length. */
  readonly largeUpload: "content-length" | "chunked";
  /** What `OPTIONS *` comes to: the status, or the target the backend gets. */
  readonly optionsAsterisk: number | string;
  /** The Host that a backend gets when target and Host differ: `target` is right (RFC 9112 §3.2.2). */
  readonly absoluteTargetHost: "target" | "host";
  /** What a request without Host comes to: 400 is right, or it is forwarded with the listening address. */
  readonly missingHost: 400 | "forwarded";
  /** The protocol in Via for an HTTP/1.0 client. */
  readonly viaOfHttp10: "1.0 lb" | "1.1 lb";
  /** The end of a chunked upload with trailers: answered, without them, or refused. */
  readonly requestTrailers: 200 | 400;
  /** What becomes of three requests sent at once: each one's answer, or how it ended. */
  readonly pipelined: readonly string[];
  /** What a method that is in no registry comes to: the status, or no answer. */
  readonly unknownMethod: number | "Cut";
  /** Whether a connection that another request used is used for a POST. */
  readonly keepsConnectionsForPosts: boolean;
  /** What a chunk without a size comes to: an answer, or the end of the connection without one. */
  readonly badChunks: 400 | "Cut";
  /** Fields that a client gets and nobody sent, with their values, beside Date (RFC 9110 §6.6.1). */
  readonly addedResponseFields: Readonly<Record<string, string>>;
  /** Whether the backend's reason phrase reaches the client. */
  readonly keepsReason: boolean;
  /** The framing of a body that comes in pieces and has a Content-Length. */
  readonly streamedLength: "content-length" | "chunked";
  /** Whether the Content-Length of a 304, which is not about its own body, survives. */
  readonly keepsLengthOf304: boolean;
  /** What a status above 599 comes to. */
  readonly status666: 666 | 502;
  /** When the head of an answer reaches the client: when it comes, or only with the body's first byte. */
  readonly headBeforeBody: boolean;
  /** Whether a chunked body counts as whole once its last chunk came, without the empty line after it. */
  readonly endsAtLastChunk: boolean;
  /** What the program writes to its standard error when an answer that it passes on breaks off. */
  readonly saysOfBrokenBody: RegExp;
}

/** Bun 1.4.5. */
export const BUN: Capabilities = {
  rewrittenTargets: { "//double": "/double", "/a/../b": "/b", "/a/./b": "/a/b", "/%2e%2e/b": "/b" },
  addedRequestFields: { accept: "*/*", "user-agent": "Bun/1.4.5" },
  acceptEncoding: ["gzip"],
  emptyPost: "content-length: 0",
  emptyDelete: "content-length: 0",
  largeUpload: "content-length",
  optionsAsterisk: 400,
  absoluteTargetHost: "host",
  missingHost: 400,
  viaOfHttp10: "1.1 lb",
  requestTrailers: 400,
  pipelined: ["Cut"],
  unknownMethod: "Cut",
  keepsConnectionsForPosts: true,
  badChunks: 400,
  addedResponseFields: { "content-type": "application/octet-stream" },
  keepsReason: false,
  streamedLength: "chunked",
  keepsLengthOf304: true,
  status666: 666,
  headBeforeBody: false,
  endsAtLastChunk: true,
  saysOfBrokenBody: /^(TypeError: ECONNRESET: [^}]*code: "ECONNRESET"\s*)+$/,
};

/** Deno 2.9.6. */
export const DENO: Capabilities = {
  rewrittenTargets: { "/a/../b": "/b", "/a/./b": "/a/b", "/%2e%2e/b": "/b" },
  addedRequestFields: {
    accept: "*/*",
    "accept-encoding": "identity",
    "accept-language": "*",
    "user-agent": "Deno/2.9.6",
  },
  acceptEncoding: ["identity", "gzip"],
  emptyPost: "content-length: 0",
  emptyDelete: "none",
  largeUpload: "chunked",
  optionsAsterisk: "/*",
  absoluteTargetHost: "host",
  missingHost: "forwarded",
  viaOfHttp10: "1.1 lb",
  requestTrailers: 200,
  pipelined: ["/1", "/2", "/3"],
  unknownMethod: 200,
  keepsConnectionsForPosts: false,
  badChunks: "Cut",
  addedResponseFields: {},
  keepsReason: false,
  streamedLength: "content-length",
  keepsLengthOf304: false,
  status666: 502,
  headBeforeBody: true,
  endsAtLastChunk: false,
  saysOfBrokenBody: /^$/,
};

/** Node 20. */
export const NODE: Capabilities = {
  rewrittenTargets: {},
  addedRequestFields: {},
  acceptEncoding: ["gzip"],
  emptyPost: "content-length: 0",
  emptyDelete: "none",
  largeUpload: "content-length",
  optionsAsterisk: 400,
  absoluteTargetHost: "target",
  missingHost: 400,
  viaOfHttp10: "1.0 lb",
  requestTrailers: 200,
  pipelined: ["/1", "/2", "/3"],
  unknownMethod: 400,
  keepsConnectionsForPosts: true,
  badChunks: 400,
  addedResponseFields: {},
  keepsReason: true,
  streamedLength: "content-length",
  keepsLengthOf304: true,
  status666: 502,
  headBeforeBody: true,
  endsAtLastChunk: false,
  saysOfBrokenBody: /^$/,
};

/** The same server with our own client towards the backends, which can do all that a server lets it. */
export function withHttp1(server: Capabilities): Capabilities {
  return {
    ...server,
    addedRequestFields: {},
    acceptEncoding: ["gzip"],
    // It adds nothing, and the client sent none.
    emptyPost: "none",
    emptyDelete: "none",
    largeUpload: "content-length",
    keepsConnectionsForPosts: true,
    status666: 502,
    endsAtLastChunk: false,
  };
}
