import type { Backend } from "../backend.ts";
import type { Random } from "../random.ts";
import type { ForeseeablePicker } from "./picker.ts";
import { loadText } from "./preview.ts";
import { TwoChoices } from "./two-choices.ts";

/**
 * Power of two: of two different backends drawn by weight, the one that has fewer requests under way for
 * its weight, as Envoy's `LEAST_REQUEST` does it where weights are equal. O(1) expected. Of two idle ones it takes the one drawn first: to count the
 * request that is to come would always favour the heavier, which the draw has favoured already.
 */
export function powerOfTwo(random: Random): ForeseeablePicker {
  return new PowerOfTwo(random);
}

class PowerOfTwo extends TwoChoices {
  protected override readonly measure = "requests under way for its weight";

  protected override cost(backend: Backend): number {
    return backend.inFlight / backend.weight;
  }

  protected override score(backend: Backend): string {
    return loadText(backend);
  }
}
