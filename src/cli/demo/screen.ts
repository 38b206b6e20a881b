/** Control sequences of ECMA-48 and of xterm that every terminal of today knows. */
const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
/** A line that is too long is cut, not wrapped: wrapped lines would spoil the count of rows. */
const WRAP_OFF = "\x1b[?7l";
const WRAP_ON = "\x1b[?7h";
/** Between these a terminal shows nothing half drawn. */
const BEGIN_UPDATE = "\x1b[?2026h";
const END_UPDATE = "\x1b[?2026l";
const CLEAR_TO_END_OF_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";
const CLEAR_ALL = "\x1b[H\x1b[2J";

/** A block of lines on a terminal that is drawn again in the same place. */
export class Screen {
  readonly #stream: NodeJS.WriteStream;
  readonly #restore = () => this.end();
  /** A terminal that changes its size moves what it shows, each in its own way: begin anew. */
  readonly #clear = () => {
    this.#stream.write(CLEAR_ALL);
    this.#rows = 0;
  };
  #rows = 0;
  #isOpen = true;

  /** Takes over the terminal; gives it back at `end`, or when the process exits for whatever reason. */
  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    stream.write(HIDE_CURSOR + WRAP_OFF);
    process.on("exit", this.#restore);
    stream.on("resize", this.#clear);
  }

  /** Shows these lines instead of the ones before, as many as there is room for. */
  draw(all: readonly string[]): void {
    // The cursor stands on a line of its own below them, and can only go up on what is shown.
    const lines = all.slice(0, Math.max(1, this.#stream.rows - 1));
    const up = this.#rows > 0 ? `\x1b[${this.#rows}A` : "";
    const text = lines.map((line) => `${line}${CLEAR_TO_END_OF_LINE}\n`).join("");
    this.#stream.write(`${BEGIN_UPDATE}${up}\r${text}${CLEAR_BELOW}${END_UPDATE}`);
    this.#rows = lines.length;
  }

  /** Leaves the last lines standing and gives the terminal back. */
  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stream.write(WRAP_ON + SHOW_CURSOR);
    process.off("exit", this.#restore);
    this.#stream.off("resize", this.#clear);
  }
}
