import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { listenHttp1 } from "../../src/front/front.ts";
import type { FrontOptions } from "../../src/front/settings.ts";
import { createLoadBalancer, type LoadBalancer } from "../../src/load-balancer.ts";
import type { Http1Options } from "../../src/transport/http1/settings.ts";
import { Http1Transport } from "../../src/transport/http1.ts";
import { type MemorySocket, MemorySockets } from "../simulation/memory-sockets.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

/** What of a front, its transport and its balancer a test chooses. */
export interface Chosen extends Omit<LoadBalancerConfig, "backends"> {
  /** How many; of no account if there are pools. */
  readonly backends?: number;
  readonly front?: FrontOptions;
  readonly transport?: Http1Options;
}

/** A front whose clients, backends and time are in the hands of a test: nothing happens by itself. */
export class VirtualFront {
  readonly clock: VirtualClock;
  readonly balancer: LoadBalancer;
  readonly #sockets: MemorySockets;
  #taken = 0;

  private constructor(clock: VirtualClock, balancer: LoadBalancer, sockets: MemorySockets) {
    this.clock = clock;
    this.balancer = balancer;
    this.#sockets = sockets;
  }

  static async start({
    backends = 1,
    front = {},
    transport = {},
    ...config
  }: Chosen = {}): Promise<VirtualFront> {
    const clock = new VirtualClock();
    const sockets = new MemorySockets();
    const origins = Array.from({ length: backends }, (_, index) => `http://10.0.0.${index + 1}:80`);
    const balancer = createLoadBalancer(
      { ...(config.pools === undefined ? { backends: origins } : {}), healthCheck: false, ...config },
      { clock, transport: new Http1Transport(transport, clock, sockets) },
    );
    await listenHttp1(balancer, front, clock, sockets);
    return new VirtualFront(clock, balancer, sockets);
  }

  /** A client connects. */
  client(): MemorySocket {
    return this.#sockets.dial();
  }

  /** The next connection to a backend that was not taken yet, opened. */
  backend(): MemorySocket {
    return this.dialling().open();
  }

  /** The same, not opened yet. */
  dialling(): MemorySocket {
    const socket = this.#sockets.connected[this.#taken];
    if (socket === undefined) throw new Error("no backend was connected to");
    this.#taken += 1;
    return socket;
  }

  /** How many connections to backends were made. */
  get dialled(): number {
    return this.#sockets.connected.length;
  }
}

/** An answer of the backend's. */
export function answer(body: string, ...fields: readonly string[]): string {
  return `${["HTTP/1.1 200 OK", ...fields, `Content-Length: ${body.length}`].join("\r\n")}\r\n\r\n${body}`;
}

/** The statuses of what a client got, interim ones too. */
export function statuses({ written }: MemorySocket): number[] {
  return [...written.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
}
