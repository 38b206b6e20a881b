import type { State } from "../core/backend.ts";
import type { LoadBalancerStatus } from "../load-balancer.ts";
import type { Place } from "./port-group.ts";

/**
 * What a supervisor and its workers say to each other. Both ends are one program, so nothing here has to be
 * understood by another version of it.
 */

/** How a backend is, as the supervisor's checks or a worker's traffic found it. */
export interface Found {
  /** The name of the backend's pool. */
  readonly pool: string;
  /** The backend's origin. */
  readonly origin: string;
  readonly state: State;
  /** Whether nothing could connect to it. */
  readonly unreachable: boolean;
  /** In words, for a log. */
  readonly reason: string;
}

/** Where a listener can be reached. */
export interface ListeningAt {
  readonly url: string;
  readonly port: number;
}

/** From the supervisor to a worker. */
export type ToWorker =
  /** Begin to take connections, knowing this of the backends and of all workers. */
  | {
      readonly type: "listen";
      /** Of each listener; 0 for a free one. */
      readonly ports: readonly number[];
      readonly found: readonly Found[];
      readonly status: LoadBalancerStatus;
    }
  /** A backend's availability has changed. */
  | { readonly type: "found"; readonly found: Found }
  /** How all workers together are doing. */
  | { readonly type: "status"; readonly status: LoadBalancerStatus }
  /** Take no more connections, finish what is under way, and end. */
  | {
      readonly type: "drain";
      /** The longest wait, in milliseconds. */
      readonly graceMs: number;
      /** Whether all workers end, not just this one: then the status says so. */
      readonly isShutdown: boolean;
      /** The worker's place in the group of sockets, so that the system can pass it over; none if it need not. */
      readonly place?: Place;
    }
  /** Read the config again, and go by it. Answered by `reloaded`. */
  | { readonly type: "reload"; readonly id: number }
  /** A sibling has left: the system is to use all sockets of the group again. */
  | { readonly type: "spread" };

/** From a worker to the supervisor. */
export type FromWorker =
  /** The program has started and waits to be told where to listen. */
  | { readonly type: "ready" }
  | { readonly type: "listening"; readonly at: readonly ListeningAt[] }
  /** It cannot do its work. The sentence is for the user. */
  | { readonly type: "failed"; readonly sentence: string }
  /** Live traffic could not connect to a backend. */
  | {
      readonly type: "unreachable";
      readonly pool: string;
      readonly origin: string;
      readonly reason: string;
    }
  /** Live traffic got so many failures from a backend that it gets no more for a time, unless a check goes well. */
  | { readonly type: "ejected"; readonly pool: string; readonly origin: string }
  /** The worker's own counters. */
  | { readonly type: "counters"; readonly status: LoadBalancerStatus }
  /** It goes by the config that it has read again; or, for the reason in this sentence, by the one before. */
  | { readonly type: "reloaded"; readonly id: number; readonly problem?: string }
  /** It takes no more connections. */
  | { readonly type: "refusing" }
  /** It ends now, with so many exchanges cut. */
  | { readonly type: "drained"; readonly cut: number };

/** A worker's end of the line to its supervisor. */
export interface Line {
  /** Says something; does nothing once the supervisor is gone. */
  send(message: FromWorker): void;
  /** Sets who hears what the supervisor says; messages before that wait. */
  onMessage(hear: (message: ToWorker) => void): void;
  /** Sets who is told that the supervisor is gone. */
  onGone(fn: () => void): void;
}
