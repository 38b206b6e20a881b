/** What is wrong with a message, as the status that a server answers it with. */
export const MalformedKind = {
  /** It is no HTTP/1.1, or can be read in two ways (RFC 9112 §2.2, §6.3). */
  syntax: 400,
  /** The body is longer than can be counted, or its chunk extensions than the limit (RFC 9110 §15.5.14). */
  bodyTooLarge: 413,
  /** The request line is longer than the limit (RFC 9112 §3). */
  targetTooLong: 414,
  /** A field line, the head or a trailer section is longer than the limit, or has too many fields (RFC 6585 §5). */
  headTooLarge: 431,
  /** A transfer coding before `chunked` that is not known here (RFC 9112 §6.1). */
  transferCoding: 501,
  /** The version is not 1.x (RFC 9110 §15.6.6). */
  version: 505,
} as const;

/** One of `MalformedKind`. */
export type MalformedKind = (typeof MalformedKind)[keyof typeof MalformedKind];

/**
 * Bytes that are not HTTP/1.1. It is final: nothing more may be read from where they came, since nobody can
 * say where the next message begins.
 */
export class Malformed extends Error {
  override readonly name = "Malformed";
  /** What is wrong. It does not depend on how the bytes were cut. */
  readonly kind: MalformedKind;

  /**
   * @param message What is wrong, for a person.
   * @param kind Default `syntax`.
   */
  constructor(message: string, kind: MalformedKind = MalformedKind.syntax) {
    super(message);
    this.kind = kind;
  }
}
