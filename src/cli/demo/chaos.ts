import type { Cancel } from "../../core/clock.ts";
import { systemClock } from "../../system.ts";
import type { DemoServer } from "./servers.ts";

/** How long everything is well before a server is killed, in milliseconds. */
const CALM_MS = 1_500;

/** Before the first kill, so that short demos see one too. */
const FIRST_CALM_MS = 600;

/** How long a server stays dead: long enough to see, and for its return to be found out before the next kill. */
const DEAD_MS = 1_500;

/** Kills and revives the servers in turn, one at a time. */
export class Chaos {
  readonly #servers: readonly DemoServer[];
  readonly #toggle: (index: number) => void;
  #cancelNext: Cancel;
  #victim = 0;

  /** @param toggle Kills or revives the server of that number. */
  constructor(servers: readonly DemoServer[], toggle: (index: number) => void) {
    this.#servers = servers;
    this.#toggle = toggle;
    this.#cancelNext = systemClock.after(FIRST_CALM_MS, () => this.#kill());
  }

  /** Kills no more. */
  end(): void {
    this.#cancelNext();
  }

  #kill(): void {
    if (this.#servers[this.#victim]?.isRunning === true) this.#toggle(this.#victim);
    this.#cancelNext = systemClock.after(DEAD_MS, () => this.#revive());
  }

  #revive(): void {
    if (this.#servers[this.#victim]?.isRunning === false) this.#toggle(this.#victim);
    this.#victim = (this.#victim + 1) % this.#servers.length;
    this.#cancelNext = systemClock.after(CALM_MS, () => this.#kill());
  }
}
