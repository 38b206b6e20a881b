import type { Backend, StateName } from "../backend.ts";
import type { Balancer } from "../balancer.ts";
import { DEFAULT_PRIORITY, rankOf } from "../queue.ts";
import { limitOf, whyFull, whyOut } from "./backend-reasons.ts";
import { forecastPick, type PoolForecast } from "./pool-forecast.ts";

/** One backend, and why a request goes there or does not. */
export interface BackendVerdict {
  /** The backend's origin. */
  readonly url: string;
  readonly state: StateName;
  /** As configured. */
  readonly weight: number;
  readonly tier: number;
  /** Exchanges under way. */
  readonly inFlight: number;
  /** The most that may be under way at once, as things are; 0 is no limit. */
  readonly limit: number;
  /** What the algorithm compares it by, with the numbers; null if it was not among those compared. */
  readonly score: string | null;
  /** How likely the request goes there, from 0 to 1; null if nobody can say. */
  readonly chance: number | null;
  /** Why it is chosen or passed over. */
  readonly reason: string;
}

/**
 * What becomes of a request in a pool: it goes to one backend; to one of several by chance; to one that a picker of the
 * user's own chooses; it waits for room; or it is refused.
 */
export type Decision = "backend" | "chance" | "unknown" | "wait" | "refuse";

/** What a pool would do with a request, and why. */
export interface PoolVerdict {
  readonly decision: Decision;
  /** The origin of the backend that it goes to; null unless the decision is `backend`. */
  readonly backend: string | null;
  /** The decision in words: `goes to http://10.0.0.7:8081`. */
  readonly outcome: string;
  /** What the choice of a backend goes by, in words. */
  readonly rule: string;
  /** The origin of the backend that the request's session has; null without one. */
  readonly sessionBackend: string | null;
  /** Whether so few backends are available that all get traffic. */
  readonly panic: boolean;
  /** What part of the requests each tier gets, in the order of the tiers. */
  readonly tiers: readonly { readonly tier: number; readonly share: number }[];
  /** Requests that wait for room. */
  readonly waiting: number;
  /** All backends of the pool, in their order. */
  readonly backends: readonly BackendVerdict[];
}

/**
 * What would become of a request if it came now, and was not tried before. Nothing is changed by asking.
 *
 * @param key As the balancer's `keySource` says; empty if the request has none.
 * @param session What its session is called; empty if it has none.
 * @param priority How urgent it is where requests wait. Default 5.
 */
export function explainPool(
  balancer: Balancer,
  key: string,
  session: string,
  priority = DEFAULT_PRIORITY,
): PoolVerdict {
  const nowMs = balancer.nowMs();
  const { pool, waiting } = balancer;
  const own = balancer.stickiness?.peek(session, nowMs);
  const forecast = forecastPick(pool, key, nowMs);
  const mayWait = waiting?.mayJoin(rankOf(priority, false)) === true;
  const isKept = own !== undefined && (!own.isFull || mayWait);
  const ruling = isKept ? ofSession(own) : byAlgorithm(balancer, forecast, mayWait, own !== undefined);
  return {
    ...ruling,
    rule: isKept ? `a session stays at its backend, ${own.origin}` : forecast.rule,
    sessionBackend: own?.origin ?? null,
    panic: pool.isPanicking,
    tiers: forecast.shares,
    waiting: waiting?.size ?? 0,
    backends: pool.members.map((backend) => ({
      url: backend.origin,
      state: backend.stateName,
      weight: backend.ownWeight,
      tier: backend.tier,
      inFlight: backend.inFlight,
      limit: limitOf(backend),
      ...(isKept
        ? {
            score: null,
            chance: backend === own && !own.isFull ? 1 : 0,
            reason: inSession(backend, own, nowMs),
          }
        : ofForecast(backend, forecast, nowMs)),
    })),
  };
}

type Ruling = Pick<PoolVerdict, "decision" | "backend" | "outcome">;

function ofSession(own: Backend): Ruling {
  const { origin } = own;
  return own.isFull
    ? { decision: "wait", backend: null, outcome: `waits for room at ${origin}, which has its session` }
    : { decision: "backend", backend: origin, outcome: `goes to ${origin}, which has its session` };
}

function byAlgorithm(
  { pool, waiting }: Balancer,
  { isKnown, prospects }: PoolForecast,
  mayWait: boolean,
  hasOwn: boolean,
): Ruling {
  if (pool.room.isEmpty) {
    if (pool.ready.length === 0 && !hasOwn) return refused("no backend is available");
    if (mayWait) {
      const others = waiting?.size ?? 0;
      const queue = others === 0 ? "" : `, where ${others} ${others === 1 ? "waits" : "wait"} already`;
      return { decision: "wait", backend: null, outcome: `waits for a backend with room${queue}` };
    }
    return refused(
      waiting === undefined ? "every backend is full" : "every backend is full, and so is the queue",
    );
  }
  if (!isKnown) {
    return {
      decision: "unknown",
      backend: null,
      outcome: "goes to a backend that nobody can tell beforehand",
    };
  }
  const likely = [...prospects.values()].filter(({ chance }) => chance > 0);
  const [first] = likely;
  if (likely.length === 1 && first !== undefined) {
    const { origin } = first.backend;
    return { decision: "backend", backend: origin, outcome: `goes to ${origin}` };
  }
  return {
    decision: "chance",
    backend: null,
    outcome: `goes to one of ${likely.length} backends, by chance`,
  };
}

function refused(why: string): Ruling {
  return { decision: "refuse", backend: null, outcome: `is answered 503: ${why}` };
}

function inSession(backend: Backend, own: Backend, nowMs: number): string {
  const out = whyOut(backend, nowMs);
  if (backend !== own) return out ?? `the session is ${own.origin}'s`;
  const kept = out === undefined ? "it has the session" : `it keeps its sessions, though ${out}`;
  return own.isFull ? `${kept}, and is ${whyFull(own)}` : kept;
}

function ofForecast(
  backend: Backend,
  forecast: PoolForecast,
  nowMs: number,
): Pick<BackendVerdict, "score" | "chance" | "reason"> {
  const out = whyOut(backend, nowMs);
  if (!backend.isReady) return { score: null, chance: 0, reason: out ?? whyNotItsTier(backend, forecast) };
  const prospect = forecast.prospects.get(backend);
  const score = prospect === undefined || prospect.score === "" ? null : prospect.score;
  const chance = backend.isFull ? 0 : forecast.isKnown ? (prospect?.chance ?? 0) : null;
  const reason = backend.isFull ? whyFull(backend) : (prospect?.reason ?? whyNotDrawn(backend, forecast));
  if (out === undefined) return { score, chance, reason };
  return { score, chance, reason: `${reason} (in panic, though ${out})` };
}

function whyNotItsTier({ tier }: Backend, { shares }: PoolForecast): string {
  return `tier ${tier} gets nothing while tier ${shares.map((share) => share.tier).join(" and ")} can take everything`;
}

function whyNotDrawn({ tier }: Backend, forecast: PoolForecast): string {
  if (forecast.tier === undefined || tier === forecast.tier) return "that is up to the picker";
  const share = forecast.shares.find((one) => one.tier === tier)?.share ?? 0;
  const percent = Math.round(share * 1000) / 10;
  return `tier ${tier} gets ${percent} % of requests, and this one is tier ${forecast.tier}'s`;
}
