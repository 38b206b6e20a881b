import type { Listener } from "../../src/adapters/adapter.ts";
import { type FrontListenOptions, listenHttp1 } from "../../src/front/front.ts";
import type { Handler } from "../../src/proxy/client.ts";
import { bunSockets } from "../../src/sockets/bun.ts";
import type { SocketFactory } from "../../src/sockets/socket.ts";
import { dial, request } from "../raw/client.ts";
import type { Wire } from "../raw/wire.ts";
import { until } from "../raw/within.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

/** How much virtual time passes at once while a stage waits for its sockets, in milliseconds. */
const STEP_MS = 20;

/** A front before a handler, on real sockets, in a time that passes only when the test says so. */
export class TimedStage implements AsyncDisposable {
  readonly clock = new VirtualClock();
  /** Connections that it has accepted. */
  accepted = 0;
  /** Whether it takes no more connections. */
  isRefusing = false;
  isClosed = false;
  #listener: Listener | undefined;

  /** Listens on a free port of 127.0.0.1. */
  static async start(fetch: Handler, options: FrontListenOptions = {}): Promise<TimedStage> {
    const stage = new TimedStage();
    const sockets: SocketFactory = {
      connect: bunSockets.connect,
      listen: (at, accept) =>
        bunSockets.listen(at, (socket) => {
          stage.accepted += 1;
          return accept(socket);
        }),
    };
    const onRefusing = () => {
      stage.isRefusing = true;
    };
    const all = { hostname: "127.0.0.1", port: 0, onRefusing, ...options };
    stage.#listener = await listenHttp1({ fetch }, all, stage.clock, sockets);
    return stage;
  }

  get url(): string {
    return this.#listener?.url ?? "";
  }

  /** Connects, and waits until the front knows of it. */
  async dial(): Promise<Wire> {
    const before = this.accepted;
    const wire = await dial(this.url.replace("https:", "http:"));
    await until("it was accepted", () => this.accepted > before);
    return wire;
  }

  /** Connects and sends a GET. */
  async asked(...fields: readonly string[]): Promise<Wire> {
    const wire = await this.dial();
    wire.send(request("GET", "/", fields));
    return wire;
  }

  /** Begins to close it. */
  close(graceMs: number): void {
    void this.#listener?.close(graceMs).then(() => {
      this.isClosed = true;
    });
  }

  /**
   * Waits until something has happened, and lets time pass meanwhile.
   *
   * @param ms The most that may pass, in milliseconds.
   */
  async passing(ms: number, what: string, hasHappened: () => boolean): Promise<void> {
    const untilMs = this.clock.nowMs() + ms;
    await until(`${what} within ${ms} ms`, async () => {
      if (!hasHappened() && this.clock.nowMs() < untilMs) await this.clock.run(STEP_MS);
      return hasHappened();
    });
  }

  /** Begins to close it with a minute's grace, and lets time pass until nobody is let in any more. */
  async refuse(): Promise<void> {
    this.close(60_000);
    await this.passing(1_000, "new connections are refused", () => this.isRefusing);
  }

  /** Waits until it is closed. */
  closed(ms: number): Promise<void> {
    return this.passing(ms, "it is closed", () => this.isClosed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#listener?.close(0);
    await this.clock.run(STEP_MS);
    await closed;
  }
}
