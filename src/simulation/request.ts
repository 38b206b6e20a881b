import { type AttemptRules, Attempts } from "../core/attempts.ts";
import type { Backend } from "../core/backend.ts";
import type { Balancer } from "../core/balancer.ts";
import type { Cancel } from "../core/clock.ts";
import type { DeadlineWheel } from "../core/deadlines.ts";
import { Outcome } from "../core/outcome.ts";
import { CLIENT_GONE, Try, type UploadProgress } from "../proxy/try.ts";
import type { TransportFailure } from "../transport/transport.ts";
import type { Caller, Job } from "./jobs.ts";
import { type ErrorKind, errorOf, type Measurements, refusalError } from "./measurements.ts";
import type { ModelledServer } from "./modelled-server.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The kind of event that is a client's leaving; its subject is the number of its request. */
export const CLIENT_LEAVES = 2;

const REFUSED: TransportFailure = { outcome: Outcome.connectFailed, message: "connection refused" };
const RESET: TransportFailure = { outcome: Outcome.reset, message: "the connection closed before an answer" };

/** Requests are small: they are sent at once, and can be sent again. */
const SENT: UploadProgress = { finished: true, bytesRead: 0 };

/** What a request meets on its way. */
export interface Surroundings {
  /** Who decides. */
  readonly balancer: Balancer;
  /** Where its time-outs are set. */
  readonly wheel: DeadlineWheel;
  /** How long it may take. */
  readonly rules: AttemptRules;
  /** The clock, and where its client's leaving is scheduled. */
  readonly time: VirtualTime;
  /** Where it is written down how it went. */
  readonly measurements: Measurements;
  /** The server behind a backend. */
  serverOf(backend: Backend): ModelledServer;
  /** A request was sent to a backend, which took it or refused the connection. */
  tried(request: SimulatedRequest, backend: Backend, wasTaken: boolean): void;
  /** The request is over, and can serve for another. */
  over(request: SimulatedRequest): void;
}

/**
 * A client's request from its arrival to its answer, by the same `Attempts` and the same `Try` as one that comes
 * over a socket. One object serves one request after another.
 */
export class SimulatedRequest extends Try implements Caller {
  /** What events call it by. */
  readonly number: number;
  /** How many requests arrived before it. */
  ordinal = 0;
  /** The caller's: how long an ordinary server takes for it, in milliseconds. */
  workMs = 0;
  /** Whether repeating it is harmless (RFC 9110 §9.2.2). */
  isIdempotent = true;
  /** What the balancer's `keySource` says of it; empty if it asks for nothing. */
  key = "";
  /** How urgent it is, from 0, the most urgent, to 9; undefined is as the rules say. */
  priority: number | undefined = undefined;
  /** When it arrived, in the clock's milliseconds. */
  arrivedMs = 0;
  readonly #around: Surroundings;
  readonly #attempts: Attempts;
  #backend: Backend | undefined;
  #server: ModelledServer | undefined;
  #job: Job | undefined;
  /** The event of its client's leaving; -1 if there is none. */
  #leaving = -1;
  /** Ends the wait for the next try, while there is one. */
  #cancelWait: Cancel | undefined;

  constructor(number: number, around: Surroundings) {
    super(around.balancer, around.wheel);
    this.number = number;
    this.#around = around;
    this.#attempts = new Attempts(around.balancer, around.rules);
  }

  /**
   * Arrives at the balancer, being what was set above.
   *
   * @param patienceMs How long its client waits for the answer; 0 is for ever.
   */
  arrive(patienceMs: number): void {
    const { time } = this.#around;
    this.arrivedMs = time.nowMs();
    if (patienceMs > 0) this.#leaving = time.schedule(patienceMs, CLIENT_LEAVES, this.number);
    this.#attempts.admit(this.key, "", this.priority);
    this.#attempt();
  }

  /** Its client has waited long enough. */
  leave(): void {
    this.#leaving = -1;
    if (this.#cancelWait === undefined && !this.#attempts.leave()) {
      this.abort(CLIENT_GONE);
      return;
    }
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.#finish(errorOf(Outcome.clientGone));
  }

  /** The server's call. */
  settled(outcome: Outcome): void {
    this.#job = undefined;
    if (outcome === Outcome.reset) {
      if (this.#mayGoOn(RESET)) this.#attempt();
    } else {
      this.answered();
      this.end(outcome);
      this.#finish(errorOf(outcome));
    }
  }

  protected override get progress(): UploadProgress {
    return SENT;
  }

  protected override stop(reason: TransportFailure): void {
    const job = this.#job;
    this.#job = undefined;
    if (job !== undefined) this.#server?.abandon(job);
    if (this.#mayGoOn(reason)) this.#attempt();
  }

  protected override released(): void {
    this.#server?.load.end(this.#around.time.nowMs());
  }

  /** Tries until a server takes it, or there is no other try. */
  #attempt(): void {
    const attempts = this.#attempts;
    for (let backend = attempts.next(); backend !== undefined; backend = attempts.next()) {
      if (!this.#failsAt(backend)) return;
    }
    if (!attempts.wait(this.#waitOver)) this.#waitOver(undefined);
  }

  /** The wait for room at a backend is over, or there was none. */
  readonly #waitOver = (backend: Backend | undefined): void => {
    if (backend === undefined) this.#finish(refusalError(this.#attempts.refusal));
    else if (this.#failsAt(backend)) this.#attempt();
  };

  /** Sends it to a backend. True if that fails at once, and the next try is due. */
  #failsAt(backend: Backend): boolean {
    const around = this.#around;
    const { nowMs, headTimeoutMs } = this.#attempts;
    const server = around.serverOf(backend);
    this.#backend = backend;
    this.#server = server;
    server.load.begin(nowMs);
    this.beginTry(backend, nowMs, headTimeoutMs);
    const job = server.take(this);
    around.tried(this, backend, job !== undefined);
    this.#job = job;
    return job === undefined && this.#mayGoOn(REFUSED);
  }

  /** Ends a try that failed. True if the next one is due; if not, it has to wait, or the request is over. */
  #mayGoOn(failure: TransportFailure): boolean {
    const { outcome } = this.endFailed(failure);
    const backend = this.#backend as Backend;
    if (this.#attempts.mayTryAgain(backend, outcome, this.isIdempotent, true)) {
      this.#around.measurements.retries += 1;
      return this.#mayGoOnAtOnce();
    }
    this.#finish(errorOf(outcome));
    return false;
  }

  #mayGoOnAtOnce(): boolean {
    const { waitMs } = this.#attempts;
    if (waitMs === 0) return true;
    this.#cancelWait = this.#around.balancer.retries.wait(waitMs, () => {
      this.#cancelWait = undefined;
      this.#attempt();
    });
    return false;
  }

  #finish(error: ErrorKind | undefined): void {
    const { time, measurements } = this.#around;
    if (this.#leaving >= 0) time.callOff(this.#leaving);
    this.#leaving = -1;
    this.#attempts.over();
    measurements.over(time.nowMs() - this.arrivedMs, error);
    this.#around.over(this);
  }
}
