import { ownProbes } from "../config/backends.ts";
import type { ProbeRules, ResolvedPool } from "../config/resolved.ts";
import { refuseUncheckable } from "../proxy/probe-target.ts";
import type { Transport } from "../transport/transport.ts";
import { isSame } from "./same.ts";

/** The rules of the checks of single backends, by their origins. */
export type OwnProbes = ReadonlyMap<string, ProbeRules>;

/**
 * Makes sure, before anything is changed, that the backends of all pools can be checked as they are to be.
 *
 * @throws ConfigError that names the first that cannot.
 */
export function refuseUncheckablePools(pools: Iterable<ResolvedPool>, transport: Transport): void {
  for (const { healthCheck, backends } of pools) {
    refuseUncheckable(transport, healthCheck, ownProbes(backends));
  }
}

/**
 * The rules of the checks that differ; the same objects as before where they say the same, so that these just go on.
 *
 * @throws ConfigError if the transport cannot check backends like that.
 */
export function ownProbesOf(
  { healthCheck, backends }: ResolvedPool,
  transport: Transport,
  before: OwnProbes,
): OwnProbes {
  const own = ownProbes(backends);
  refuseUncheckable(transport, healthCheck, own);
  const kept = new Map<string, ProbeRules>();
  for (const [origin, rules] of own) {
    const known = before.get(origin);
    kept.set(origin, known !== undefined && isSame(known, rules) ? known : rules);
  }
  return kept;
}
