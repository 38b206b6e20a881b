import { ConfigError } from "../config/problem.ts";
import { CONNECT_TIMEOUT_MS, MAX_PENDING } from "../transport/http1/settings.ts";
import type { Http1Options } from "../transport/http1.ts";
import type { TransportName } from "../transport/index.ts";
import type { Given } from "./given.ts";

/** What connections to backends are allowed, of what flags can say. */
export type BackendLimits = Required<Pick<Http1Options, "connectTimeoutMs" | "maxPending">>;

/** The flags of what no runtime's `fetch` can keep. */
const HTTP1_ONLY = ["connect-timeout", "max-pending"] as const;

/**
 * Reads what connections to backends are allowed.
 *
 * @throws ConfigError if a value is wrong, or one was given for a transport that cannot keep it: no runtime's
 *   `fetch` has it.
 */
export function backendLimits(given: Given, transport: TransportName): BackendLimits {
  const unkept =
    transport === "http1" ? undefined : HTTP1_ONLY.find((name) => given.text(name) !== undefined);
  if (unkept !== undefined) {
    throw new ConfigError(
      `${given.place(unkept)}: found with --transport ${transport}, expected --transport http1, which alone has it`,
    );
  }
  return {
    connectTimeoutMs: given.durationMs("connect-timeout") ?? CONNECT_TIMEOUT_MS,
    maxPending: given.wholeNumber("max-pending", 1, 1_000_000) ?? MAX_PENDING,
  };
}
