import { Outcome } from "../core/outcome.ts";
import type { Random } from "../core/random.ts";
import { happens } from "./chance.ts";
import { type Caller, type Job, JobQueue, type Jobs } from "./jobs.ts";
import { LoadMeter } from "./load-meter.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The kind of event that is the end of a job; its subject is the job's number. */
export const JOB_DONE = 1;

/** How much of its work a request takes that is answered with an error: broken servers tend to be quick about it. */
const ERROR_WORK = 0.1;

/** What is wrong with a server, if anything is. */
export interface Conditions {
  /** How many times longer than the others it takes for a request; 1 for one that is not slow. */
  readonly slowness: number;
  /** The share of connections that it refuses, from 0 to 1. */
  readonly refusals: number;
  /** The share of requests that it works on, and then closes the connection without an answer. */
  readonly resets: number;
  /** The share of requests that it answers with 500, in a tenth of the time. */
  readonly errors: number;
  /** The share of requests that it answers with 503, as quickly. */
  readonly unavailable: number;
}

/** What a check came to. */
export type CheckAnswer = "refused" | "answered 503" | "answered 200";

/** Nothing is. */
export const SOUND: Conditions = { slowness: 1, refusals: 0, resets: 0, errors: 0, unavailable: 0 };

/**
 * A backend's server as its clients meet it: so many requests are worked on at once, the others wait in line, and a
 * crash loses them all. It does not notice that nobody waits for an answer any more, and works on for nothing; what
 * it has not begun by then it drops.
 */
export class ModelledServer {
  /** What events call it by. */
  readonly number: number;
  /** May be replaced while it runs; what is being worked on goes on as before. */
  conditions: Conditions = SOUND;
  /** What it has been given to do. */
  readonly load = new LoadMeter();
  readonly #concurrency: number;
  readonly #time: VirtualTime;
  readonly #jobs: Jobs;
  readonly #chance: Random;
  readonly #working = new JobQueue();
  readonly #waiting = new JobQueue();
  #isUp = true;
  #callers = 0;

  /**
   * @param concurrency How many requests it works on at once.
   * @param jobs Shared by all servers.
   * @param chance What decides whether a fault happens.
   */
  constructor(number: number, concurrency: number, time: VirtualTime, jobs: Jobs, chance: Random) {
    this.number = number;
    this.#concurrency = concurrency;
    this.#time = time;
    this.#jobs = jobs;
    this.#chance = chance;
  }

  /** Whether it runs: if not, it refuses every connection. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** How many requests it has that somebody waits for. */
  get callers(): number {
    return this.#callers;
  }

  /** Takes a request; undefined if it refuses the connection. */
  take(caller: Caller): Job | undefined {
    const { refusals, resets, errors, unavailable } = this.conditions;
    if (!this.#isUp || happens(this.#chance, refusals)) return undefined;
    const job = this.#jobs.begin(this, caller);
    this.#callers += 1;
    if (happens(this.#chance, resets)) job.outcome = Outcome.reset;
    else if (happens(this.#chance, errors)) job.outcome = Outcome.serverError;
    else if (happens(this.#chance, unavailable)) job.outcome = Outcome.gatewayError;
    if (this.#working.size < this.#concurrency) this.#work(job, caller);
    else this.#waiting.add(job);
    return job;
  }

  /**
   * Answers a check, at once, however much there is to do: it is refused as often as any connection, and gets 503
   * as often as any request. Resets and other errors are of the application, which a health page does not ask.
   *
   * @param chance What decides whether that happens.
   */
  answerCheck(chance: Random): CheckAnswer {
    const { refusals, unavailable } = this.conditions;
    if (!this.#isUp || happens(chance, refusals)) return "refused";
    return happens(chance, unavailable) ? "answered 503" : "answered 200";
  }

  /** The job's time is over: its caller is told, and the next one begins. */
  finish(job: Job): void {
    const { caller, outcome } = job;
    this.#working.remove(job);
    this.#jobs.end(job);
    const next = this.#waiting.first;
    if (next?.caller !== undefined) {
      this.#waiting.remove(next);
      this.#work(next, next.caller);
    }
    this.#settle(caller, outcome);
  }

  /** Nobody waits for the job any more. */
  abandon(job: Job): void {
    job.caller = undefined;
    this.#callers -= 1;
    if (job.event >= 0) return;
    this.#waiting.remove(job);
    this.#jobs.end(job);
  }

  /** Ends the server, and with it every connection to it. */
  crash(): void {
    this.#isUp = false;
    for (let job = this.#working.first; job !== undefined; job = this.#working.first) {
      this.#time.callOff(job.event);
      this.#lose(this.#working, job);
    }
    for (let job = this.#waiting.first; job !== undefined; job = this.#waiting.first) {
      this.#lose(this.#waiting, job);
    }
  }

  /** Starts it again, with nothing to do. */
  restart(): void {
    this.#isUp = true;
  }

  #work(job: Job, caller: Caller): void {
    const takesMs = caller.workMs * this.conditions.slowness;
    this.#working.add(job);
    const isError = job.outcome === Outcome.serverError || job.outcome === Outcome.gatewayError;
    job.event = this.#time.schedule(isError ? takesMs * ERROR_WORK : takesMs, JOB_DONE, job.number);
  }

  #lose(queue: JobQueue, job: Job): void {
    const { caller } = job;
    queue.remove(job);
    this.#jobs.end(job);
    this.#settle(caller, Outcome.reset);
  }

  #settle(caller: Caller | undefined, outcome: Outcome): void {
    if (caller === undefined) return;
    this.#callers -= 1;
    caller.settled(outcome);
  }
}
