import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { seededRandom } from "../../src/core/random.ts";
import { listenHttp1 } from "../../src/front/front.ts";
import type { FrontOptions } from "../../src/front/settings.ts";
import { createLoadBalancer, type LoadBalancer } from "../../src/load-balancer.ts";
import { type Http1Options, Http1Transport } from "../../src/transport/http1.ts";
import { type ScriptedSocket, ScriptedSockets } from "../simulation/scripted-sockets.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

/** The front and the balancer behind it between sockets that the test moves, under a clock that it moves too. */
export class ScriptedFront {
  readonly clock = new VirtualClock();
  readonly balancer: LoadBalancer;
  readonly #sockets = new ScriptedSockets();
  #given = 0;

  private constructor(config: Partial<LoadBalancerConfig>, transport: Http1Options) {
    const { clock } = this;
    this.balancer = createLoadBalancer(
      { backends: ["http://192.0.2.7"], healthCheck: false, ...config },
      { clock, random: seededRandom(1), transport: new Http1Transport(transport, clock, this.#sockets) },
    );
  }

  /** Begins to listen. */
  static async listen(
    options: FrontOptions = {},
    config: Partial<LoadBalancerConfig> = {},
    transport: Http1Options = {},
  ): Promise<ScriptedFront> {
    const front = new ScriptedFront(config, transport);
    await listenHttp1(front.balancer, options, front.clock, front.#sockets);
    return front;
  }

  /** Every connection that was made to a backend. */
  get connected(): readonly ScriptedSocket[] {
    return this.#sockets.connected;
  }

  /** A client connects. */
  client(): ScriptedSocket {
    return this.#sockets.arrive();
  }

  /** The next connection that was made to a backend; it is open from now on. */
  backend(): ScriptedSocket {
    const socket = this.next();
    socket.events.opened();
    return socket;
  }

  /** The next connection that was made to a backend; the test says when it is open. */
  next(): ScriptedSocket {
    const socket = this.dialled();
    if (socket === undefined) throw new Error("no other connection was made");
    return socket;
  }

  /** The same, if another one was made. */
  dialled(): ScriptedSocket | undefined {
    const socket = this.#sockets.connected[this.#given];
    if (socket !== undefined) this.#given += 1;
    return socket;
  }
}
