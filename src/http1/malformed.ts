/**
 * Bytes that are not HTTP/1.1. It is final: nothing more may be read from where they came, since nobody can
 * say where the next message begins.
 */
export class Malformed extends Error {
  override readonly name = "Malformed";
}
