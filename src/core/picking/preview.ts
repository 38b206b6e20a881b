import type { Backend } from "../backend.ts";

/** What a picker says of one ready backend and a request. */
export interface Prospect {
  readonly backend: Backend;
  /** How likely it is to be picked, from 0 to 1: 1 is certain. Those of all ready backends are 1 together. */
  readonly chance: number;
  /** What it was compared by, with the numbers: `3/2 = 1.5`. */
  readonly score: string;
  /** Why it is picked, or is not. */
  readonly reason: string;
}

/** What a pick would be. */
export interface PickForecast {
  /** What the choice goes by, in words. */
  readonly rule: string;
  /** Every ready backend. Empty if nobody can say without picking. */
  readonly prospects: readonly Prospect[];
}

/**
 * What a picker would do, for people who want to know why: a look into its future that it does not notice. No turn is
 * taken, no chance is used up, nothing is counted. It holds until anything happens to the picker or its backends.
 */
export interface PickPreview {
  /**
   * What the next pick would be; asked again, what the one after it would be. Where it is up to chance, one pick
   * says nothing of the next.
   *
   * @param key As for `Picker.pick`; so are the others.
   */
  next(key: string, nowMs: number, avoid: readonly Backend[]): PickForecast;
}

/** Why a backend is not picked that is to be avoided. */
export const AVOIDED = "it was tried or passed over before";

/** A forecast that leaves nothing to chance. @param tell The score and the reason of each. */
export function certain(
  rule: string,
  ready: readonly Backend[],
  picked: Backend,
  tell: (backend: Backend) => Pick<Prospect, "score" | "reason">,
): PickForecast {
  return {
    rule,
    prospects: ready.map((backend) => ({ backend, chance: backend === picked ? 1 : 0, ...tell(backend) })),
  };
}

/** Requests under way for a backend's weight, as `3/2 = 1.5`. */
export function loadText({ inFlight, weight }: Backend): string {
  return `${inFlight}/${weight} = ${numberText(inFlight / weight)}`;
}

/** A number with as many digits as people read. */
export function numberText(value: number): string {
  return String(Number(value.toPrecision(4)));
}
