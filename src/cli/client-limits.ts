import { ConfigError } from "../config/problem.ts";
import type { FrontName } from "../config/process.ts";
import { MOST_CONNECTIONS } from "../config/process.ts";
import { FRONT_DEFAULTS, type FrontSettings } from "../front/settings.ts";
import type { Given } from "./given.ts";

/** What clients' connections are allowed, of what flags can say. */
export type ClientLimits = Pick<FrontSettings, "maxConnections" | "headTimeoutMs" | "keepAliveMs">;

/** The flags that set them. */
const FLAGS = ["max-connections", "head-timeout", "keep-alive-timeout"] as const;

/**
 * Reads what clients' connections are allowed.
 *
 * @throws ConfigError if a value is wrong, or one was given for a front that cannot keep it: the runtime's own
 *   server counts no connections, and has one time for all of their waiting.
 */
export function clientLimits(given: Given, front: FrontName): ClientLimits {
  const [connections, head, keepAlive] = FLAGS;
  const name = front === "http1" ? undefined : FLAGS.find((flag) => given.text(flag) !== undefined);
  if (name !== undefined) {
    throw new ConfigError(
      `${given.place(name)}: found with --front ${front}, expected --front http1, which alone has it`,
    );
  }
  return {
    maxConnections: given.wholeNumber(connections, 1, MOST_CONNECTIONS) ?? FRONT_DEFAULTS.maxConnections,
    headTimeoutMs: given.durationMs(head) ?? FRONT_DEFAULTS.headTimeoutMs,
    keepAliveMs: given.durationMs(keepAlive) ?? FRONT_DEFAULTS.keepAliveMs,
  };
}
