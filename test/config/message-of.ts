import { ConfigError } from "../../src/config/problem.ts";

/** The message of the `ConfigError` that `run` throws; anything else it does fails the test. */
export function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("expected a ConfigError, but nothing was thrown");
}
