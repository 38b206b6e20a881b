import { Outcome } from "../core/outcome.ts";
import type { ModelledServer } from "./modelled-server.ts";

/** Whoever waits for a backend's answer. */
export interface Caller {
  /** How long an ordinary backend that has nothing else to do takes for the request, in milliseconds. */
  readonly workMs: number;
  /** The answer is there, whole: `ok`, `serverError` or `gatewayError`. Or, with `reset`, the connection is gone. */
  settled(outcome: Outcome): void;
}

/** One request at one backend, from its connection on. It is its own list node, so that queueing allocates nothing. */
export class Job {
  /** What events call it by. */
  readonly number: number;
  /** Whose it is; undefined before its first request. */
  server: ModelledServer | undefined = undefined;
  /** Who waits for the answer; undefined once nobody does. */
  caller: Caller | undefined = undefined;
  /** How it will end, if nothing comes between. */
  outcome: Outcome = Outcome.ok;
  /** The event of its end; -1 while it waits for its turn. */
  event = -1;
  /** @internal */ previous: Job | undefined = undefined;
  /** @internal */ next: Job | undefined = undefined;

  constructor(number: number) {
    this.number = number;
  }
}

/** Jobs in the order in which they came; each can leave from wherever it stands. */
export class JobQueue {
  #first: Job | undefined;
  #last: Job | undefined;
  #size = 0;

  /** The one that came first. */
  get first(): Job | undefined {
    return this.#first;
  }

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** Puts a job last. It must stand in no queue. */
  add(job: Job): void {
    job.previous = this.#last;
    if (this.#last === undefined) this.#first = job;
    else this.#last.next = job;
    this.#last = job;
    this.#size += 1;
  }

  /** Takes a job out that stands in this queue. */
  remove(job: Job): void {
    const { previous, next } = job;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    job.previous = undefined;
    job.next = undefined;
    this.#size -= 1;
  }
}

/**
 * All jobs of a run. A job that is over serves another request: there are as many as were under way at once, and a
 * long run leaves nothing to collect.
 */
export class Jobs {
  readonly #all: Job[] = [];
  readonly #free: Job[] = [];

  /** Begins one. */
  begin(server: ModelledServer, caller: Caller): Job {
    const job = this.#free.pop() ?? this.#another();
    job.server = server;
    job.caller = caller;
    job.outcome = Outcome.ok;
    job.event = -1;
    return job;
  }

  /** Ends one; it must stand in no queue. */
  end(job: Job): void {
    job.caller = undefined;
    this.#free.push(job);
  }

  /** The job with this number. */
  at(number: number): Job {
    return this.#all[number] as Job;
  }

  /** How many are under way. */
  get size(): number {
    return this.#all.length - this.#free.length;
  }

  #another(): Job {
    const job = new Job(this.#all.length);
    this.#all.push(job);
    return job;
  }
}
