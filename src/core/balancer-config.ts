import type { BackendSpec } from "./backend.ts";
import type { CapacityRules } from "./capacity.ts";
import type { EjectionRules } from "./ejection.ts";
import type { HealthRules } from "./health.ts";
import type { Algorithm, PickingRules } from "./picking/index.ts";
import type { PickerFactory } from "./picking/picker.ts";
import type { PoolRules } from "./pool.ts";
import type { RetryRules } from "./retry.ts";
import type { SlowStartRules } from "./slow-start.ts";
import type { Stickiness } from "./sticky.ts";

/** Everything the decisions depend on. */
export interface BalancerConfig extends PickingRules, PoolRules, CapacityRules {
  readonly backends: readonly BackendSpec[];
  /** Its name, or what makes one of the user's own. */
  readonly algorithm: Algorithm | PickerFactory;
  readonly health: HealthRules;
  readonly retry: RetryRules;
  /** When live traffic ejects a backend. Default: only when it refuses connections. */
  readonly outlierDetection?: EjectionRules | false;
  /** How those that come back take up their share. Default: at once. */
  readonly slowStart?: SlowStartRules | false;
  /** What keeps sessions at their backends. Default: nothing does. */
  readonly stickiness?: Stickiness | undefined;
}
