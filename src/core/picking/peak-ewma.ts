import type { Backend } from "../backend.ts";
import { peakNowMs } from "../load.ts";
import type { Random } from "../random.ts";
import type { ForeseeablePicker } from "./picker.ts";
import { numberText } from "./preview.ts";
import { TwoChoices } from "./two-choices.ts";

/**
 * Peak EWMA: of two different backends drawn by weight, the one that is likely to answer sooner, by its
 * latency times one more than the requests under way for its weight (Finagle, `PeakEwma`). O(1) expected.
 *
 * The latency is one that jumps to each new peak and forgets it within some ten seconds, also while no requests
 * come, so that a backend which was slow is asked again. One that has not answered yet is asked once, since
 * nothing speaks against it; while that request is under way it costs more than all that are known.
 */
export function peakEwma(random: Random): ForeseeablePicker {
  return new PeakEwma(random);
}

/** What a backend costs whose latency is not known, in milliseconds: more than any that anybody waits for. */
const UNKNOWN_MS = 1e12;

class PeakEwma extends TwoChoices {
  protected override readonly measure = "latency times one more than the requests under way for its weight";

  protected override cost(backend: Backend, nowMs: number): number {
    const { inFlight, weight } = backend;
    const isKnown = backend.peakMs >= 0;
    if (!isKnown && inFlight === 0) return 0;
    return (isKnown ? peakNowMs(backend, nowMs) : UNKNOWN_MS) * (inFlight / weight + 1);
  }

  protected override score(backend: Backend, nowMs: number): string {
    const { inFlight, weight, peakMs } = backend;
    const cost = this.cost(backend, nowMs);
    if (peakMs >= 0) {
      const latency = numberText(peakNowMs(backend, nowMs));
      return `${latency} ms × (${inFlight}/${weight} + 1) = ${numberText(cost)} ms`;
    }
    return cost === 0 ? "not known yet = 0 ms" : `not known yet, ${inFlight} under way: more than any`;
  }
}
