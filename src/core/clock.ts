/**
 * Time as the core sees it: something handed in. The same decisions run behind real sockets and under a
 * virtual clock, so nothing in `src/core` may ask the runtime what time it is.
 */

/** Calls off what `Clock.after` promised. Calling it twice, or after the function ran, does nothing. */
export type Cancel = () => void;

/** A source of time. */
export interface Clock {
  /** Milliseconds since some fixed moment. Never goes backwards; may have a fraction. */
  nowMs(): number;
  /** Runs `fn` once, `delayMs` milliseconds from now. */
  after(delayMs: number, fn: () => void): Cancel;
}
