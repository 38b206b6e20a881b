import type { Attempts } from "../core/attempts.ts";
import type { Backend } from "../core/backend.ts";
import type { Balancer } from "../core/balancer.ts";
import { Deadline, type DeadlineWheel } from "../core/deadlines.ts";
import { letGo } from "../transport/let-go.ts";
import type { Transport } from "../transport/transport.ts";
import type { Exchange } from "./exchange.ts";
import type { Outbound } from "./outbound.ts";
import { heldMs } from "./retry-after.ts";
import { OUTRUN } from "./try.ts";

/** What a race needs of the one who forwards the request. */
export interface RaceService {
  readonly balancer: Balancer;
  readonly transport: Transport;
  /** Where it is noted when a second try is due. */
  readonly wheel: DeadlineWheel;
  /** Begins an exchange. */
  begin(backend: Backend): Exchange;
  /** Told of a try that failed while another one is under way. */
  tryFailed(backend: Backend, reason: string): void;
}

/** The answer that came first. */
export interface Won {
  readonly exchange: Exchange;
  readonly upstream: Response;
}

/** Neither was answered: the last one failed like this, and is still to be ended. */
export class RaceLost extends Error {
  override readonly name = "RaceLost";
  readonly exchange: Exchange;

  /** @param cause What the transport's `send` rejected with. */
  constructor(exchange: Exchange, cause: unknown) {
    super("no try was answered", { cause });
    this.exchange = exchange;
  }
}

/**
 * One try of a request, and a second one on another backend if the first goes unanswered for too long. The first
 * answer counts, and the other try is given up.
 */
export class Race extends Deadline {
  /** Rejects with `RaceLost`. */
  readonly won: Promise<Won>;
  readonly #service: RaceService;
  readonly #attempts: Attempts;
  readonly #outbound: Outbound;
  /** The exchanges under way without an answer: one, or two. */
  readonly #running: Exchange[] = [];
  #isOver = false;
  #resolve: (won: Won) => void = unset;
  #reject: (lost: RaceLost) => void = unset;

  /**
   * Begins it.
   *
   * @param attempts Says when a second try is due.
   * @param first The first try's exchange, which has begun.
   */
  constructor(service: RaceService, attempts: Attempts, outbound: Outbound, first: Exchange) {
    super();
    this.#service = service;
    this.#attempts = attempts;
    this.#outbound = outbound;
    this.won = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    service.wheel.set(this, attempts.hedgeDelayMs, attempts.nowMs);
    this.#run(first);
  }

  /** The wheel's call: a second try is due. */
  override expire(): void {
    const { finished, replayable } = this.#outbound.content;
    const [first] = this.#running;
    if (first === undefined || !finished || !replayable) return;
    const backend = this.#attempts.hedge(first.backend);
    if (backend !== undefined) this.#run(this.#service.begin(backend));
  }

  #run(exchange: Exchange): void {
    this.#running.push(exchange);
    this.#service.transport.send(exchange.backend, this.#outbound, exchange).then(
      (upstream) => this.#answered(exchange, upstream),
      (error: unknown) => this.#failed(exchange, error),
    );
  }

  #answered(exchange: Exchange, upstream: Response): void {
    if (this.#isOver) {
      if (upstream.body !== null) void letGo(upstream.body);
      return;
    }
    const rival = this.#leave(exchange);
    if (rival !== undefined && this.#service.balancer.retries.includesStatus(upstream.status)) {
      this.#attempts.hold(exchange.backend, heldMs(upstream));
      this.#told(exchange.drop(upstream).message, exchange);
      rival.holdAgain();
      return;
    }
    this.#over();
    rival?.cancel(OUTRUN);
    exchange.holdAgain();
    this.#resolve({ exchange, upstream });
  }

  #failed(exchange: Exchange, error: unknown): void {
    if (this.#isOver) return;
    const rival = this.#leave(exchange);
    if (rival === undefined) {
      this.#over();
      this.#reject(new RaceLost(exchange, error));
      return;
    }
    this.#told(exchange.endFailed(this.#service.transport.failure(error)).message, exchange);
    rival.holdAgain();
  }

  /** Returns the other one, if there is one under way. */
  #leave(exchange: Exchange): Exchange | undefined {
    this.#running.splice(this.#running.indexOf(exchange), 1);
    return this.#running[0];
  }

  #over(): void {
    this.#isOver = true;
    this.#service.wheel.clear(this);
  }

  #told(reason: string, { backend }: Exchange): void {
    this.#service.tryFailed(backend, reason);
  }
}

function unset(): void {}
