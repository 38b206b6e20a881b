import { type Backend, Exclusion } from "./backend.ts";

/** How traffic goes to the tiers, and when health is not believed any more. */
export interface TierRules {
  /**
   * How much of a tier may be out before the next one gets a part: with 1.4, a tier takes 1.4 times its available
   * part of its weights, so nothing spills while five of seven are there (Envoy). 0: a tier gets nothing
   * while an earlier one has any backend that is available (HAProxy's and nginx's `backup`).
   */
  readonly overprovisioning: number;
  /**
   * Below so many available backends in a hundred, all get traffic; 0 is never. `auto` is 50, and never for
   * three backends or fewer, where one that is out is a large part already.
   */
  readonly panicThreshold: number | "auto";
}

/** Backends of one tier that share a part of the traffic. */
export interface TierShare {
  readonly tier: number;
  readonly backends: readonly Backend[];
  /** From 0 to 1; all shares are 1 together. */
  readonly share: number;
}

/** Who gets traffic. */
export interface Split {
  /** In the order of the tiers; none if nobody is available. */
  readonly shares: readonly TierShare[];
  /** Whether backends that are out are among them. */
  readonly isPanic: boolean;
}

/** Envoy's default: who says nothing of spilling still has to be told when all tiers together are too weak. */
const USUAL_OVERPROVISIONING = 1.4;
const USUAL_THRESHOLD_PERCENT = 50;
const FEW_BACKENDS = 3;
/** What sums of shares may be off by. */
const ROUNDING = 1e-9;

interface Tier {
  readonly tier: number;
  readonly backends: Backend[];
  /** Of these. */
  weight: number;
  /** Of all that are in the tier. */
  totalWeight: number;
}

/**
 * Who gets traffic, and what part of it.
 *
 * Tiers are filled in their order, each up to what it can take, which is its available weight in proportion
 * times the overprovisioning factor. If all together cannot take everything, what they can is scaled up.
 *
 * Panic: if all tiers together are too weak, and too few backends are available, the few would get what
 * breaks them as well. So all get traffic, whatever their checks say, on the guess that some are better than
 * thought. Not those that nothing can connect to, are drained, or shed load by an open circuit: nothing is gained
 * there. And not when none is available: then there is nobody to be spared, and clients are told at once.
 */
export function splitTraffic(members: readonly Backend[], rules: TierRules): Split {
  const tiers = tiersOf(members, isAvailable);
  if (isPanic(members, tiers, rules))
    return { shares: sharesByWeight(tiersOf(members, isWorthTrying)), isPanic: true };
  const alive = tiers.filter(({ backends }) => backends.length > 0);
  if (rules.overprovisioning === 0) return { shares: sharesByWeight(alive.slice(0, 1)), isPanic: false };
  return { shares: sharesByCapacity(alive, rules.overprovisioning), isPanic: false };
}

function sharesByWeight(tiers: readonly Tier[]): TierShare[] {
  const total = tiers.reduce((sum, { weight }) => sum + weight, 0);
  return tiers
    .filter(({ backends }) => backends.length > 0)
    .map(({ tier, backends, weight }) => ({ tier, backends, share: weight / total }));
}

function sharesByCapacity(tiers: readonly Tier[], factor: number): TierShare[] {
  const scale = Math.max(1, 1 / capacityOf(tiers, factor));
  const shares: TierShare[] = [];
  let left = 1;
  for (const tier of tiers) {
    const share = Math.min(left, scale * capacityOf([tier], factor));
    left -= share;
    if (share > ROUNDING) shares.push({ tier: tier.tier, backends: tier.backends, share });
  }
  return shares;
}

function isPanic(members: readonly Backend[], tiers: readonly Tier[], rules: TierRules): boolean {
  const isAuto = rules.panicThreshold === "auto";
  const threshold = isAuto && members.length <= FEW_BACKENDS ? 0 : rules.panicThreshold;
  const thresholdPercent = threshold === "auto" ? USUAL_THRESHOLD_PERCENT : threshold;
  const available = members.filter(isAvailable).length;
  if (thresholdPercent === 0 || available === 0) return false;
  const factor = rules.overprovisioning === 0 ? USUAL_OVERPROVISIONING : rules.overprovisioning;
  if (capacityOf(tiers, factor) >= 1 - ROUNDING) return false;
  return available * 100 < thresholdPercent * members.filter(isWorthTrying).length;
}

function isAvailable(backend: Backend): boolean {
  return backend.available;
}

function isWorthTrying(backend: Backend): boolean {
  return (backend.excluded & NOTHING_GAINED) === 0;
}

const NOTHING_GAINED = Exclusion.unreachable | Exclusion.draining | Exclusion.open;

/** What part of all traffic these tiers can take together; may be more than 1. */
function capacityOf(tiers: readonly Tier[], factor: number): number {
  return tiers.reduce(
    (sum, { weight, totalWeight }) => sum + Math.min(1, (factor * weight) / totalWeight),
    0,
  );
}

/** The tiers in their order, with those of their backends that are wanted, perhaps none. */
function tiersOf(members: readonly Backend[], isWanted: (backend: Backend) => boolean): Tier[] {
  const byNumber = new Map<number, Tier>();
  for (const backend of members) {
    let tier = byNumber.get(backend.tier);
    if (tier === undefined) {
      tier = { tier: backend.tier, backends: [], weight: 0, totalWeight: 0 };
      byNumber.set(backend.tier, tier);
    }
    tier.totalWeight += backend.ownWeight;
    if (!isWanted(backend)) continue;
    tier.backends.push(backend);
    tier.weight += backend.ownWeight;
  }
  return [...byNumber.values()].sort((a, b) => a.tier - b.tier);
}
