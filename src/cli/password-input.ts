import { ConfigError } from "../config/problem.ts";

/** The longest password that is read, in bytes: who hands over more has mistaken something for one. */
const MOST_BYTES = 1_024;

/** Asks for a password on the terminal, twice and without showing it; from a pipe or a file it takes what is there. */
export async function readPassword(): Promise<string> {
  const { stdin } = process;
  if (!stdin.isTTY) return checked(await pipedText());
  const input = new HiddenInput();
  try {
    const first = checked(await input.line("Password: "));
    const second = await input.line("Once more: ");
    if (first !== second) throw new ConfigError("hash-password: the two passwords differ");
    return first;
  } finally {
    input.close();
  }
}

/** All of the standard input, without the line's end that `echo` adds. */
async function pipedText(): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of process.stdin as AsyncIterable<Uint8Array>) {
    bytes += part.byteLength;
    if (bytes > MOST_BYTES) throw tooLong();
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts)).replace(/\r?\n$/, "");
}

function checked(password: string): string {
  if (password === "") throw new ConfigError("hash-password: found no password on the standard input");
  if (Buffer.byteLength(password) > MOST_BYTES) throw tooLong();
  // No client could send it (RFC 7617 §2).
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are meant.
  if (/[\x00-\x1f\x7f]/.test(password)) {
    throw new ConfigError("hash-password: found a control character, expected a password in one line");
  }
  return password;
}

function tooLong(): ConfigError {
  return new ConfigError(`hash-password: found a longer password, expected at most ${MOST_BYTES} bytes`);
}

/** What the terminal sends for the keys that mean something: RETURN, CTRL+D, CTRL+C, BACKSPACE, CTRL+U. */
const ENDS = new Set(["\r", "\n", "\u0004"]);
const INTERRUPT = "\u0003";
const RUBOUTS = new Set(["\u007f", "\b"]);
const KILL = "\u0015";

/** The exit code of who was interrupted: 128 and the signal's number. */
const INTERRUPTED = 130;

/** Lines that are typed at a terminal which shows none of it. Prompts go to the standard error: the output is the hash. */
class HiddenInput {
  readonly #keys: string[] = [];
  #wake: () => void = () => {};

  constructor() {
    process.stdin.setRawMode(true);
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", this.#typed);
    process.stdin.on("end", this.#ended);
  }

  async line(prompt: string): Promise<string> {
    process.stderr.write(prompt);
    const typed: string[] = [];
    for (;;) {
      const key = await this.#key();
      if (ENDS.has(key) || key === INTERRUPT) {
        process.stderr.write("\n");
        if (key !== INTERRUPT) return typed.join("");
        this.close();
        process.exit(INTERRUPTED);
      }
      if (RUBOUTS.has(key)) typed.pop();
      else if (key === KILL) typed.length = 0;
      else if (typed.length <= MOST_BYTES) typed.push(key);
    }
  }

  /** Gives the terminal back as it was. */
  close(): void {
    process.stdin.off("data", this.#typed);
    process.stdin.off("end", this.#ended);
    process.stdin.setRawMode(false);
    process.stdin.pause();
  }

  readonly #typed = (text: string | Uint8Array): void => {
    this.#keys.push(...String(text));
    this.#wake();
  };

  readonly #ended = (): void => {
    this.#keys.push("\u0004", "\u0004");
    this.#wake();
  };

  async #key(): Promise<string> {
    while (this.#keys.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#keys.shift() as string;
  }
}
