import type { Listener } from "../../adapters/adapter.ts";
import type { Cancel } from "../../core/clock.ts";
import type { StateChange } from "../../core/health.ts";
import type { LoadBalancer } from "../../load-balancer.ts";
import { systemClock } from "../../system.ts";
import { paintFor } from "../colours.ts";
import { endSignal } from "../shutdown.ts";
import { Chaos } from "./chaos.ts";
import { Keys } from "./keys.ts";
import { Screen } from "./screen.ts";
import type { DemoServer } from "./servers.ts";
import { Shares } from "./shares.ts";
import { Traffic } from "./traffic.ts";
import { type DemoView, picture, summaryLine } from "./view.ts";

/** What a demo is made of. */
export interface DemoParts {
  readonly balancer: LoadBalancer;
  readonly listener: Listener;
  readonly servers: readonly DemoServer[];
  /** Requests a second of the built-in clients; 0 for none. */
  readonly perSecond: number;
  /** Whether servers are killed without being asked. */
  readonly chaos: boolean;
  /** When it ends by itself; 0 is never. */
  readonly seconds: number;
}

/** How often the picture is drawn on a terminal, and a line written into a pipe, in milliseconds. */
const DRAW_MS = 100;
const LINE_MS = 1_000;

/** How many of the last events are shown. */
const SHOWN_EVENTS = 4;

/** A demo from its start to its end: draws, listens to keys, kills and revives. */
export class DemoRun {
  /** Fulfilled when it is over, with the terminal as it was and every request answered. */
  readonly ended: Promise<void>;
  readonly #parts: DemoParts;
  readonly #startedMs = systemClock.nowMs();
  readonly #paint = paintFor(process.stdout);
  readonly #screen = process.stdout.isTTY ? new Screen(process.stdout) : undefined;
  readonly #shares = new Shares();
  readonly #traffic: Traffic;
  readonly #hasKeys = process.stdin.isTTY && process.stdout.isTTY;
  #events: string[] = [];
  #cancelShow: Cancel | undefined;

  /** Starts it. */
  constructor(parts: DemoParts) {
    this.#parts = parts;
    parts.balancer.start();
    this.#traffic = new Traffic(parts.listener.url, parts.perSecond);
    if (this.#screen === undefined) {
      this.#tell(`demo on ${parts.listener.url} over ${parts.servers.map(({ url }) => url).join(", ")}`);
    }
    this.ended = this.#live();
  }

  /** To be told of each change of a backend's availability. */
  stateChanged({ backend, available, reason }: StateChange): void {
    const server = this.#parts.servers.find(({ url }) => url === backend.origin);
    this.#tell(`lb sees that ${server?.name ?? backend.origin} is ${available ? "up" : "down"}: ${reason}`);
  }

  async #live(): Promise<void> {
    const { chaos, seconds, servers } = this.#parts;
    const quit = Promise.withResolvers<void>();
    const keys = this.#hasKeys ? new Keys((key) => this.#press(key), quit.resolve) : undefined;
    const unrest = chaos ? new Chaos(servers, (index) => this.#toggle(index)) : undefined;
    this.#showSoon();
    // A demo that nobody watches any more, as before `head`, is over.
    process.stdout.once("error", () => quit.resolve());
    if (seconds > 0) systemClock.after(seconds * 1000, quit.resolve);
    await Promise.race([quit.promise, endSignal()]);
    unrest?.end();
    await this.#traffic.stop();
    this.#cancelShow?.();
    this.#show();
    this.#screen?.end();
    keys?.end();
  }

  #press(key: string): void {
    if (/^[1-9]$/.test(key)) this.#toggle(Number(key) - 1);
  }

  #toggle(index: number): void {
    const server = this.#parts.servers[index];
    if (server === undefined) return;
    if (server.isRunning) {
      server.kill();
      this.#tell(`${server.name} was killed`);
      return;
    }
    try {
      server.revive();
      this.#tell(`${server.name} was revived`);
    } catch (error) {
      this.#tell(`${server.name} cannot come back: ${error instanceof Error ? error.message : error}`);
    }
  }

  #tell(event: string): void {
    if (this.#screen === undefined) process.stdout.write(`${event}\n`);
    else this.#events = [...this.#events, event].slice(-SHOWN_EVENTS);
  }

  #showSoon(): void {
    this.#cancelShow = systemClock.after(this.#screen === undefined ? LINE_MS : DRAW_MS, () => {
      this.#show();
      this.#showSoon();
    });
  }

  #show(): void {
    const view = this.#view();
    if (this.#screen === undefined) process.stdout.write(`${summaryLine(view)}\n`);
    else this.#screen.draw(picture(view, process.stdout.columns, this.#paint));
  }

  #view(): DemoView {
    const { balancer, listener, servers, perSecond } = this.#parts;
    const { backends } = balancer.status();
    const nowMs = systemClock.nowMs();
    const shares = this.#shares.observe(
      backends.map(({ requests }) => requests),
      nowMs,
    );
    const blank = Array<string>(SHOWN_EVENTS - this.#events.length).fill("");
    return {
      url: listener.url,
      algorithm: "round-robin",
      perSecond,
      elapsedMs: nowMs - this.#startedMs,
      servers: servers.map(({ name, port, isRunning }, index) => {
        const { alive = false, requests = 0, failures = 0, latencyMs = null } = backends[index] ?? {};
        const state = isRunning ? (alive ? "up" : "down") : "killed";
        return { name, port, state, share: shares[index] ?? 0, requests, failures, latencyMs };
      }),
      clients: this.#traffic,
      events: [...this.#events, ...blank],
      hasKeys: this.#hasKeys,
    };
  }
}
