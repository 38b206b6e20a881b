/** The pool that backends at the top of a config are in. */
export const DEFAULT_POOL = "default";

/** What the name of a pool looks like. */
export const POOL_NAME = /^[A-Za-z0-9_.-]+$/;

/** The same in words. */
export const POOL_NAME_WORDS = "letters, digits, _, . and -";
