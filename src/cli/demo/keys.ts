/** Control-C and Control-D: in raw mode the terminal passes them on instead of acting on them. */
const ENDING = ["q", "Q", "\x03", "\x04"];

/** Reads single keys from the terminal, without Enter. */
export class Keys {
  readonly #restore = () => this.end();
  readonly #onData: (data: Buffer) => void;
  #isOpen = true;

  /**
   * Takes over the keyboard; gives it back at `end`, or when the process exits for whatever reason.
   *
   * @param onKey Told of each key.
   * @param onQuit Told of q and Control-C.
   */
  constructor(onKey: (key: string) => void, onQuit: () => void) {
    this.#onData = (data) => {
      for (const key of data.toString()) {
        if (ENDING.includes(key)) onQuit();
        else onKey(key);
      }
    };
    process.stdin.setRawMode(true);
    process.stdin.on("data", this.#onData);
    process.stdin.resume();
    process.on("exit", this.#restore);
  }

  /** Gives the keyboard back. */
  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.stdin.setRawMode(false);
    process.stdin.off("data", this.#onData);
    process.stdin.pause();
    process.off("exit", this.#restore);
  }
}
