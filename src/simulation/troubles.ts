import { sample, streamOf } from "./chance.ts";
import { Exponential } from "./distribution.ts";
import { type ModelledServer, SOUND } from "./modelled-server.ts";
import { countOf, type Scenario } from "./scenario.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The kind of event that is a crash; its subject is the number of the server. */
export const CRASH = 4;
/** The kind of event that is the start of a server after its crash. */
export const RESTART = 5;

/** Which servers are in trouble, by their numbers. */
export interface Troubled {
  readonly slow: readonly number[];
  readonly crashing: readonly number[];
  readonly faulty: readonly number[];
}

/** Says which servers get which troubles: the same ones for the same seed and count. */
export function troubledOf(scenario: Scenario, servers: number): Troubled {
  const chance = streamOf(scenario.seed, "conditions");
  const { slowShare, crashShare, faultyShare, refusals, resets, errors, unavailable } = scenario;
  const hasFaults = refusals + resets + errors + unavailable > 0;
  return {
    slow: sample(chance, countOf(slowShare, servers), servers),
    crashing: sample(chance, countOf(crashShare, servers), servers),
    faulty: sample(chance, hasFaults ? countOf(faultyShare, servers) : 0, servers),
  };
}

/** What goes wrong with the servers of one run. */
export class Troubles {
  readonly #servers: readonly ModelledServer[];
  readonly #time: VirtualTime;
  readonly #uptime: Exponential;
  readonly #restartMs: number;

  /** Makes servers slow and faulty as the scenario says, and lets the first crashes come. */
  constructor(scenario: Scenario, servers: readonly ModelledServer[], time: VirtualTime) {
    this.#servers = servers;
    this.#time = time;
    this.#uptime = new Exponential(scenario.crashEveryMs, streamOf(scenario.seed, "crashes"));
    this.#restartMs = scenario.restartMs;
    const { slow, crashing, faulty } = troubledOf(scenario, servers.length);
    const { slowness, refusals, resets, errors, unavailable } = scenario;
    for (const number of slow) this.#at(number).conditions = { ...SOUND, slowness };
    for (const number of faulty) {
      const server = this.#at(number);
      server.conditions = { ...server.conditions, refusals, resets, errors, unavailable };
    }
    for (const number of crashing) time.schedule(this.#uptime.nextMs(), CRASH, number);
  }

  /** A server crashes, and will be started again. */
  crash(number: number): void {
    this.#at(number).crash();
    this.#time.schedule(this.#restartMs, RESTART, number);
  }

  /** A server is started again, and will crash again. */
  restart(number: number): void {
    this.#at(number).restart();
    this.#time.schedule(this.#uptime.nextMs(), CRASH, number);
  }

  #at(number: number): ModelledServer {
    return this.#servers[number] as ModelledServer;
  }
}
