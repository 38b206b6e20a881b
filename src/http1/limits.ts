/** How long the parts of a message may be that are held in memory whole. What is longer is malformed. */
export interface Limits {
  /** One line of a head, with its CRLF, in bytes. */
  readonly lineBytes: number;
  /** A whole head, or a whole trailer section, in bytes. */
  readonly headBytes: number;
  /** Fields of a head or trailer section. */
  readonly fields: number;
  /** Chunk extensions of a whole message, in bytes. Next to nobody uses them. */
  readonly extensionBytes: number;
}

/** Above what common servers send or accept (8 to 32 KiB, 100 to 200 fields), far below what hurts. */
export const DEFAULT_LIMITS: Limits = {
  lineBytes: 32_768,
  headBytes: 65_536,
  fields: 256,
  extensionBytes: 16_384,
};
