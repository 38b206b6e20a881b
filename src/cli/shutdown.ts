/** What the system sends to end a program, and the exit code if it dies of it (128 + the signal's number). */
const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** One of the signals that end the program. */
export type EndSignal = keyof typeof SIGNAL_EXIT_CODES;

/** Waits for the first signal; from then on, a second one ends the process at once. */
export function endSignal(): Promise<EndSignal> {
  return new Promise((resolve) => {
    let isEnding = false;
    for (const signal of Object.keys(SIGNAL_EXIT_CODES) as EndSignal[]) {
      process.on(signal, () => {
        if (isEnding) process.exit(SIGNAL_EXIT_CODES[signal]);
        isEnding = true;
        resolve(signal);
      });
    }
  });
}
