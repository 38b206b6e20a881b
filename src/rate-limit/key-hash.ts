/**
 * A 64-bit hash of a text under a secret: nobody who does not know the secret can choose texts that fall together, or
 * one that falls together with another's.
 *
 * HalfSipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; the variant on 32-bit words), over
 * the text's UTF-16 units with the low byte first.
 */
export class KeyHash {
  readonly #key0: number;
  readonly #key1: number;
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;

  /** The lower half of the last text's hash, unsigned. Two numbers, since one that holds both would be an object. */
  low = 0;
  /** Its upper half. */
  high = 0;

  /** @param secret 64 bits, the lower half first. */
  constructor([low, high]: readonly [low: number, high: number]) {
    this.#key0 = low | 0;
    this.#key1 = high | 0;
  }

  /** Works out the hash of a text, into `low` and `high`. */
  hash(text: string): void {
    this.#v0 = this.#key0;
    this.#v1 = this.#key1 ^ 0xee;
    this.#v2 = 0x6c796765 ^ this.#key0;
    this.#v3 = 0x74656462 ^ this.#key1;
    const { length } = text;
    const end = length & ~1;
    for (let index = 0; index < end; index += 2) {
      this.#take(text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16));
    }
    // The last word holds what is left, and the length in bytes.
    this.#take(((length * 2) << 24) | (length === end ? 0 : text.charCodeAt(end)));
    this.#v2 ^= 0xee;
    this.#rounds(4);
    this.low = (this.#v1 ^ this.#v3) >>> 0;
    this.#v1 ^= 0xdd;
    this.#rounds(4);
    this.high = (this.#v1 ^ this.#v3) >>> 0;
  }

  #take(word: number): void {
    this.#v3 ^= word;
    this.#rounds(2);
    this.#v0 ^= word;
  }

  #rounds(count: number): void {
    let v0 = this.#v0;
    let v1 = this.#v1;
    let v2 = this.#v2;
    let v3 = this.#v3;
    for (let round = 0; round < count; round++) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    this.#v0 = v0;
    this.#v1 = v1;
    this.#v2 = v2;
    this.#v3 = v3;
  }
}
