/**
 * What a front and a transport cannot be brought to: each point is pinned exactly, so that a new version of a
 * runtime that does better, or worse, fails a test and is heard of. docs/REFERENCE.md has the same table.
 */
export interface Capabilities {
  /** Targets that reach the backend changed: what was sent, what came. */
  readonly rewrittenTargets: Readonly<Record<string, string>>;
  /** Fields that a backend gets and nobody sent, with their values. */
  readonly addedRequestFields: Readonly<Record<string, string>>;
  /** The names of the fields in `REQUEST_FIELDS` as a backend gets them: their case, order and repeats. */
  readonly requestNames: string;
  /** What `Accept-Encoding: gzip` reaches the backend as, a line each. */
  readonly acceptEncoding: readonly string[];
  /** The framing of a POST without a body: `content-length: 0`, as RFC 9110 §8.6 wants it, or none. */
  readonly emptyPost: "content-length: 0" | "none";
  /** The same for DELETE and OPTIONS. */
  readonly emptyDelete: "content-length: 0" | "none";
  /** What the body of a GET or HEAD comes to. */
  readonly bodyOfGet: "passed" | 501;
  /** The framing of an upload larger than what is kept for another try, sent with a Content-Length. */
  readonly largeUpload: "content-length" | "chunked";
  /** What `OPTIONS *` comes to: the status, or the target the backend gets. */
  readonly optionsAsterisk: number | string;
  /**
   * What becomes of a target and a Host that differ: the Host that a backend gets (the target's, by RFC 9112
   * §3.2.2), or a refusal, since two servers could understand two things.
   */
  readonly absoluteTargetHost: "target" | "host" | 400;
  /** What a request without Host comes to: 400 is right, or it is forwarded with the listening address. */
  readonly missingHost: 400 | "listener";
  /** The same of HTTP/1.0, which may leave it out: it may also be forwarded with the backend's own address. */
  readonly missingHostOfHttp10: 400 | "listener" | "backend";
  /** The protocol in Via for an HTTP/1.0 client. */
  readonly viaOfHttp10: "1.0 lb" | "1.1 lb";
  /** Who answers `Expect: 100-continue`. */
  readonly continues: "server" | "backend";
  /** What an answer comes to before which the backend says 100 although nobody expects it. */
  readonly unaskedContinue: 200 | 502;
  /** Trailer fields of an upload that reach the backend, or how it is refused for having them. */
  readonly requestTrailers: readonly string[] | 400;
  /** What becomes of three requests sent at once: each one's answer, or how it ended. */
  readonly pipelined: readonly string[];
  /** What a method that is in no registry comes to: the status, or no answer. */
  readonly unknownMethod: number | "Cut";
  /** Whether a connection that another request used is used for a POST. */
  readonly keepsConnectionsForPosts: boolean;
  /** What a chunk without a size comes to: an answer, or the end of the connection without one. */
  readonly badChunks: 400 | "Cut";
  /** Whether the answer to a request that is no HTTP says what is wrong with it. */
  readonly explainsRefusals: boolean;
  /** Fields that a client gets and nobody sent, with their values, beside Date (RFC 9110 §6.6.1). */
  readonly addedResponseFields: Readonly<Record<string, string>>;
  /** The names of the fields in `ANSWER_FIELDS` as a client gets them: their case, order and repeats. */
  readonly answerNames: string;
  /** Whether the backend's reason phrase reaches the client. */
  readonly keepsReason: boolean;
  /** The framing of a body that comes in pieces and has a Content-Length. */
  readonly streamedLength: "content-length" | "chunked";
  /** The framing of a short chunked body that is there at once: its own bytes, chunks made anew, or a length. */
  readonly chunkedAnswer: "as sent" | "anew" | "content-length";
  /** The framing of an answer to HEAD whose length the backend does not say. */
  readonly lengthOfHead: "content-length: 0" | "none";
  /** Whether the Content-Length of a 304, which is not about its own body, survives. */
  readonly keepsLengthOf304: boolean;
  /** What a status above 599 comes to. */
  readonly status666: 666 | 502;
  /** Whether answers before the final one (1xx) reach the client. */
  readonly passesInterim: boolean;
  /** Trailer fields of an answer that reach the client. */
  readonly answerTrailers: readonly string[];
  /** When the head of an answer reaches the client: when it comes, or only with the body's first byte. */
  readonly headBeforeBody: boolean;
  /** Whether a chunked body counts as whole once its last chunk came, without the empty line after it. */
  readonly endsAtLastChunk: boolean;
  /** What the program writes to its standard error when an answer that it passes on breaks off. */
  readonly saysOfBrokenBody: RegExp;
  /** Whether a client is answered that sends nothing more and has closed that half of its connection. */
  readonly answersHalfClosed: boolean;
  /** Whether a connection can become another protocol's (101). */
  readonly switchesProtocols: boolean;
}

/** Which of the trailer fields in the suite pass where any do: those that are not about something else. */
const TRAILERS = ["X-Sum: 1", "x-sum: 2"];

/** Dot segments as `new Request` resolves them. */
const RESOLVED = { "/a/../b": "/b", "/a/./b": "/a/b", "/%2e%2e/b": "/b" };

/** The same server with our own client towards the backends, which can do all that a server lets it. */
export function withHttp1(server: Capabilities): Capabilities {
  return {
    ...server,
    addedRequestFields: {},
    requestNames: "host accept accept-encoding cookie user-agent x-alpha x-zulu",
    acceptEncoding: ["gzip"],
    // It adds nothing, and the client sent none.
    emptyPost: "none",
    emptyDelete: "none",
    largeUpload: "content-length",
    unaskedContinue: 200,
    keepsConnectionsForPosts: true,
    status666: 502,
    endsAtLastChunk: false,
  };
}

/**
 * The same `fetch` behind our own front: what is left are its limits, and those of `Request` and `Response`.
 *
 * @param answerNames In which order its `Headers` come.
 */
export function withFront(client: Capabilities, answerNames: string): Capabilities {
  return {
    ...client,
    rewrittenTargets: { ...client.rewrittenTargets, ...RESOLVED },
    optionsAsterisk: 400,
    absoluteTargetHost: 400,
    missingHost: 400,
    missingHostOfHttp10: 400,
    viaOfHttp10: "1.0 lb",
    requestTrailers: [],
    pipelined: ["/1", "/2", "/3"],
    unknownMethod: 200,
    badChunks: 400,
    explainsRefusals: true,
    addedResponseFields: {},
    answerNames,
    keepsReason: true,
    streamedLength: "content-length",
    chunkedAnswer: "anew",
    lengthOfHead: "none",
    keepsLengthOf304: true,
    headBeforeBody: true,
    saysOfBrokenBody: /^$/,
    answersHalfClosed: true,
  };
}

/** Our own front with our own client behind it, in any runtime: bytes to bytes. */
export const RELAYING: Capabilities = {
  rewrittenTargets: {},
  addedRequestFields: {},
  requestNames: "X-Zulu hOST ACCEPT user-agent cOOKIE X-alpha accept-ENCODING x-ZULU cOOKIE",
  acceptEncoding: ["gzip"],
  emptyPost: "none",
  emptyDelete: "none",
  bodyOfGet: "passed",
  largeUpload: "content-length",
  optionsAsterisk: "*",
  absoluteTargetHost: 400,
  missingHost: 400,
  missingHostOfHttp10: "backend",
  viaOfHttp10: "1.0 lb",
  continues: "backend",
  unaskedContinue: 200,
  requestTrailers: TRAILERS,
  pipelined: ["/1", "/2", "/3"],
  unknownMethod: 200,
  keepsConnectionsForPosts: true,
  badChunks: 400,
  explainsRefusals: true,
  addedResponseFields: {},
  answerNames: "X-Zulu sET-cookie ETAG content-TYPE X-alpha DATE content-length x-ZULU sET-cookie",
  keepsReason: true,
  streamedLength: "content-length",
  chunkedAnswer: "as sent",
  lengthOfHead: "none",
  keepsLengthOf304: true,
  status666: 502,
  passesInterim: true,
  answerTrailers: TRAILERS,
  headBeforeBody: true,
  endsAtLastChunk: false,
  saysOfBrokenBody: /^$/,
  answersHalfClosed: true,
  switchesProtocols: true,
};
