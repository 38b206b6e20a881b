import type { Backend } from "../core/backend.ts";
import { nextCheckMs, PROMPT_CHECK_MS } from "../core/check-pace.ts";
import type { Health } from "../core/health.ts";
import type { Random } from "../core/random.ts";
import type { ModelledServer } from "./modelled-server.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The kind of event that is a check; its subject is the number of the server. */
export const CHECK = 3;

/** A backend that is checked. */
interface Checked {
  readonly backend: Backend;
  readonly server: ModelledServer;
  /** The event of the next check. */
  event: number;
  dueMs: number;
}

/** Active checks as `Prober` makes them, at the same pace, but without its connections: a server answers at once. */
export class ModelledChecks {
  readonly #intervalMs: number;
  readonly #health: Health;
  readonly #time: VirtualTime;
  readonly #chance: Random;
  readonly #checked = new Map<Backend, Checked>();
  /** The same, by the numbers of the servers. */
  readonly #byServer: Checked[] = [];

  /** @param intervalMs From one check of a backend to the next. */
  constructor(intervalMs: number, health: Health, time: VirtualTime, chance: Random) {
    this.#intervalMs = intervalMs;
    this.#health = health;
    this.#time = time;
    this.#chance = chance;
  }

  /** Checks these backends from now on, new ones at once, and no others. */
  watch(backends: readonly Backend[], serverOf: (backend: Backend) => ModelledServer): void {
    for (const [backend, { event }] of this.#checked) {
      if (backends.includes(backend)) continue;
      this.#time.callOff(event);
      this.#checked.delete(backend);
    }
    for (const backend of backends) {
      if (this.#checked.has(backend)) continue;
      const checked = { backend, server: serverOf(backend), event: -1, dueMs: 0 };
      this.#checked.set(backend, checked);
      this.#byServer[checked.server.number] = checked;
      this.#schedule(checked, 0);
    }
  }

  /** The time for a check of this server has come. */
  check(server: number): void {
    const checked = this.#byServer[server] as Checked;
    this.#schedule(checked, nextCheckMs(this.#intervalMs, 0, this.#chance));
    const answer = checked.server.answerCheck(this.#chance);
    const isPassed = answer === "answered 200";
    this.#health.checked(checked.backend, isPassed, answer, this.#time.nowMs(), answer !== "refused");
  }

  /** Looks at a backend soon, since live traffic met trouble there. */
  hasten(backend: Backend): void {
    const checked = this.#checked.get(backend);
    if (checked === undefined || checked.dueMs - this.#time.nowMs() <= PROMPT_CHECK_MS) return;
    this.#time.callOff(checked.event);
    this.#schedule(checked, PROMPT_CHECK_MS);
  }

  #schedule(checked: Checked, delayMs: number): void {
    checked.dueMs = this.#time.nowMs() + delayMs;
    checked.event = this.#time.schedule(delayMs, CHECK, checked.server.number);
  }
}
