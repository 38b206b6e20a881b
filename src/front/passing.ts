import type { BodyDecoder } from "../http1/body-decoder.ts";
import type { HeadParser } from "../http1/head-parser.ts";
import { latin1Bytes } from "../http1/latin1.ts";

/** Whether a trailer field may pass. */
export type TrailerRule = (trailers: HeadParser, field: number) => boolean;

/**
 * Passes a body on in the bytes that it comes in, framing and all, once they are known to be sound. Only
 * trailer fields (RFC 9110 §6.5) are written anew, without those that must not pass.
 */
export class Passing {
  readonly #mayPass: TrailerRule;
  /** How far the bytes of the last `read` are to be passed on. */
  end = 0;
  /** What is to follow them then, if anything: the end of the body, with its trailers. */
  tail: Uint8Array | undefined;

  constructor(mayPass: TrailerRule) {
    this.#mayPass = mayPass;
  }

  /**
   * Reads on in the body.
   *
   * @returns How far it read: less than all if the body ended before.
   * @throws Malformed
   */
  read(decoder: BodyDecoder, bytes: Uint8Array, from: number): number {
    this.tail = undefined;
    this.end = decoder.isAtTrailers ? from : decoder.pass(bytes, from);
    if (!decoder.isAtTrailers) return this.end;
    const read = decoder.readTrailers(bytes, this.end);
    if (!decoder.isDone) return read;
    const { trailers } = decoder;
    // Nearly always there are none: then the empty line goes along, if it came along.
    if ((trailers === undefined || trailers.fieldCount === 0) && read === this.end + 2) this.end = read;
    else this.tail = this.#written(trailers);
    return read;
  }

  #written(trailers: HeadParser | undefined): Uint8Array {
    let text = "";
    for (let field = 0; field < (trailers?.fieldCount ?? 0); field++) {
      if (trailers !== undefined && this.#mayPass(trailers, field)) {
        text += `${trailers.name(field)}: ${trailers.value(field)}\r\n`;
      }
    }
    return latin1Bytes(`${text}\r\n`);
  }
}
