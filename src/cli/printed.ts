/**
 * Writes to standard output and waits until it is written: a pipe takes 64 KiB at once, and the end of the program would
 * cut off the rest. A reader that has left, as `head` does, is no error.
 */
export function printed(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error && (error as NodeJS.ErrnoException).code !== "EPIPE") reject(error);
      else resolve();
    });
  });
}
