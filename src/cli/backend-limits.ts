import { ConfigError } from "../config/problem.ts";
import { CONNECT_TIMEOUT_MS, type TransportName } from "../config/process.ts";
import type { Http1Options } from "../transport/http1.ts";
import type { Given } from "./given.ts";

/** What connections to backends are allowed, of what flags can say. */
export type BackendLimits = Required<Pick<Http1Options, "connectTimeoutMs">>;

/**
 * Reads what connections to backends are allowed.
 *
 * @throws ConfigError if a value is wrong, or one was given for a transport that cannot keep it: no runtime's
 *   `fetch` has it.
 */
export function backendLimits(given: Given, transport: TransportName): BackendLimits {
  if (transport !== "http1" && given.text("connect-timeout") !== undefined) {
    throw new ConfigError(
      `${given.place("connect-timeout")}: found with --transport ${transport}, expected --transport http1, which alone has it`,
    );
  }
  return { connectTimeoutMs: given.durationMs("connect-timeout") ?? CONNECT_TIMEOUT_MS };
}
