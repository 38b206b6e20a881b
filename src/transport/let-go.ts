/**
 * Cancels what nobody is going to read, a stream or its reader. It may have failed already, and there is nobody
 * left to tell: so this never rejects.
 */
export function letGo(unread: { cancel(reason?: unknown): Promise<void> }, reason?: unknown): Promise<void> {
  return unread.cancel(reason).catch(ignoreFailure);
}

function ignoreFailure(): void {}
