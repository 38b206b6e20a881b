import { COMMA, isBlank } from "./characters.ts";
import { FieldTable } from "./field-table.ts";
import type { HeadParser } from "./head-parser.ts";
import { HOP_BY_HOP, NOT_BY_CONNECTION } from "./hop-by-hop.ts";

/** What an option does. */
const Option = { close: 1, keepAlive: 2, upgrade: 3, nothing: 4 } as const;

/** The options that take no field away but one that passes in no case, or one that must pass. */
const OPTIONS = new FieldTable({
  ...Object.fromEntries([...HOP_BY_HOP, ...NOT_BY_CONNECTION].map((name) => [name, Option.nothing])),
  close: Option.close,
  "keep-alive": Option.keepAlive,
  upgrade: Option.upgrade,
});

/**
 * What a head's `Connection` says (RFC 9110 §7.6.1), read where it stands. It may be there more than once. One
 * such object reads one head after another.
 */
export class ConnectionOptions {
  /** `close` is there (RFC 9112 §9.6). */
  isClose = false;
  /** `keep-alive` is there (RFC 9112 appendix C.2.2). */
  isKeepAlive = false;
  /** `upgrade` is there (RFC 9110 §7.8). */
  isUpgrade = false;
  /**
   * It names fields that would pass if it did not: `namedByConnection` says which. The usual options do not
   * count, nor do the fields that it cannot take away.
   */
  takesFields = false;

  /** Forgets what was read: another head comes. */
  reset(): void {
    this.isClose = false;
    this.isKeepAlive = false;
    this.isUpgrade = false;
    this.takesFields = false;
  }

  /** Reads a field that is a `Connection`. */
  add(head: HeadParser, field: number): void {
    const { bytes } = head;
    const end = head.valueEnd(field);
    for (let start = head.valueStart(field); start < end; start++) {
      let comma = start;
      while (comma < end && bytes[comma] !== COMMA) comma++;
      let optionEnd = comma;
      while (start < optionEnd && isBlank(bytes[start] as number)) start++;
      while (start < optionEnd && isBlank(bytes[optionEnd - 1] as number)) optionEnd--;
      if (start < optionEnd) this.#take(OPTIONS.at(bytes, start, optionEnd));
      start = comma;
    }
  }

  /** Whether the connection may be used again after the message (RFC 9112 §9.3). */
  isKept(minorVersion: number): boolean {
    return !this.isClose && (minorVersion > 0 || this.isKeepAlive);
  }

  #take(option: number): void {
    if (option === Option.close) this.isClose = true;
    else if (option === Option.keepAlive) this.isKeepAlive = true;
    else if (option === Option.upgrade) this.isUpgrade = true;
    else if (option !== Option.nothing) this.takesFields = true;
  }
}
