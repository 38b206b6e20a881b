/** What the system sends to end a program, and the exit code if it dies of it (128 + the signal's number). */
const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** One of the signals that end the program. */
export type EndSignal = keyof typeof SIGNAL_EXIT_CODES;

/**
 * Waits for the first signal; from then on, a second one ends the process at once.
 *
 * @param last What is to be done first then. Default nothing.
 */
export function endSignal(last: () => Promise<void> = async () => {}): Promise<EndSignal> {
  return new Promise((resolve) => {
    let isEnding = false;
    for (const signal of Object.keys(SIGNAL_EXIT_CODES) as EndSignal[]) {
      process.on(signal, () => {
        if (isEnding) void last().then(() => process.exit(SIGNAL_EXIT_CODES[signal]));
        isEnding = true;
        resolve(signal);
      });
    }
  });
}

/**
 * Does something on each SIGHUP, of which the process would die otherwise. While it goes on, any number of
 * signals are worth one more time.
 */
export function onHangUp(act: () => Promise<void>): void {
  let isActing = false;
  let isAskedAgain = false;
  process.on("SIGHUP", async () => {
    isAskedAgain = true;
    if (isActing) return;
    isActing = true;
    while (isAskedAgain) {
      isAskedAgain = false;
      await act();
    }
    isActing = false;
  });
}
