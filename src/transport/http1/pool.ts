import type { Cancel, Clock } from "../../core/clock.ts";
import { Outcome } from "../../core/outcome.ts";
import type { Endpoint, SocketFactory } from "../../sockets/socket.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import { Http1Failure } from "./failure.ts";
import type { Holder, Sending } from "./sending.ts";
import type { Settings } from "./settings.ts";

/** How a backend's connections are. */
export interface PoolState {
  /** Connections, also those that are being made. */
  readonly open: number;
  /** Of these, the ones that wait for a request. */
  readonly idle: number;
  /** Requests that wait for a connection, be it one that is being made. */
  readonly waiting: number;
}

/** How often idle connections are looked at, in milliseconds. */
const SWEEP_MS = 1_000;

/**
 * How long a connection may have been idle and still take a request that must not be sent twice, in
 * milliseconds. One that is used while the backend closes it leaves such a request undecided, and servers
 * close after some idle seconds (the shortest in common use are 2 to 5): what was in use a moment ago is as
 * good as new, and costs no handshake.
 */
const FRESH_MS = 1_000;

/** Off by so much from what the backend said it waits, in milliseconds: the way there takes time, too. */
const MARGIN_MS = 1_000;

/** No connection is kept longer than this without a request, whatever the backend says, in milliseconds. */
const LONGEST_IDLE_MS = 60_000;

/**
 * The connections to one backend. The newest idle one is used first, so that as few as the load needs stay
 * warm and the rest grow old and close. There are at most so many, and at most so many requests wait for one.
 */
export class BackendPool implements ConnectionOwner, Holder {
  readonly #endpoint: Endpoint;
  readonly #sockets: SocketFactory;
  readonly #clock: Clock;
  readonly #settings: Settings;
  /** From the longest idle to the newest. */
  readonly #idle: Connection[] = [];
  readonly #waiting: Sending[] = [];
  #open = 0;
  /** Connections that are being made, each for a request that waits for it. */
  #connecting = 0;
  #cancelSweep: Cancel | undefined;

  constructor(endpoint: Endpoint, sockets: SocketFactory, clock: Clock, settings: Settings) {
    this.#endpoint = endpoint;
    this.#sockets = sockets;
    this.#clock = clock;
    this.#settings = settings;
  }

  /** How the connections are at the moment. */
  get state(): PoolState {
    return { open: this.#open, idle: this.#idle.length, waiting: this.#pending };
  }

  /**
   * Sends a request on an idle connection if one will do, else on a new one, else when one is released.
   *
   * @param nowMs The clock's time.
   */
  send(sending: Sending, nowMs: number): void {
    const connection = this.#takeIdle(sending.idempotent, nowMs);
    if (connection === undefined) {
      this.resend(sending);
    } else {
      connection.setWaiting(true);
      connection.begin(sending);
    }
  }

  /** Sends a request on a new connection, or when one is released. */
  resend(sending: Sending): void {
    const { maxOpen, maxPending } = this.#settings;
    if (this.#pending >= maxPending) {
      sending.fail(new Http1Failure(Outcome.noRoom, "too many requests wait for a connection"));
      return;
    }
    // All are open and some idle: the oldest of these makes room.
    if (this.#open >= maxOpen) this.#idle.shift()?.close();
    if (this.#open < maxOpen) {
      this.#connect(sending);
    } else {
      sending.holder = this;
      this.#waiting.push(sending);
    }
  }

  /** A waiting request was given up. */
  abandon(sending: Sending, reason: unknown): void {
    const index = this.#waiting.indexOf(sending);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    sending.fail(reason);
  }

  /** A connection was made. */
  opened(): void {
    this.#connecting -= 1;
  }

  /** A connection can take another request. */
  released(connection: Connection): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      connection.begin(next);
      return;
    }
    const keptMs =
      connection.keptMs < 0
        ? this.#settings.idleMs
        : Math.min(connection.keptMs - MARGIN_MS, LONGEST_IDLE_MS);
    if (keptMs <= 0) {
      connection.close();
      return;
    }
    const nowMs = this.#clock.nowMs();
    connection.idleSinceMs = nowMs;
    connection.idleUntilMs = nowMs + keptMs;
    connection.setWaiting(false);
    this.#idle.push(connection);
    if (this.#idle.length > this.#settings.maxIdle) this.#idle.shift()?.close();
    this.#cancelSweep ??= this.#clock.after(SWEEP_MS, this.#sweep);
  }

  /** A connection is gone. */
  closed(connection: Connection): void {
    this.#open -= 1;
    if (!connection.wasOpened) this.#connecting -= 1;
    const index = this.#idle.lastIndexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
    const next = this.#open < this.#settings.maxOpen ? this.#waiting.shift() : undefined;
    if (next !== undefined) this.#connect(next);
  }

  get #pending(): number {
    return this.#connecting + this.#waiting.length;
  }

  /** The newest idle connection that is still good, if it is good enough. */
  #takeIdle(idempotent: boolean, nowMs: number): Connection | undefined {
    for (let newest = this.#idle.at(-1); newest !== undefined; newest = this.#idle.at(-1)) {
      const isGood = newest.isUsable && nowMs < newest.idleUntilMs;
      if (isGood && !idempotent && nowMs - newest.idleSinceMs > FRESH_MS) return undefined;
      this.#idle.pop();
      if (isGood) return newest;
      newest.close();
    }
    return undefined;
  }

  #connect(sending: Sending): void {
    const { connectTimeoutMs, limits } = this.#settings;
    this.#open += 1;
    this.#connecting += 1;
    const connection = new Connection(this, this.#sockets, this.#endpoint, limits, sending);
    const message = `connecting took longer than ${connectTimeoutMs} ms`;
    connection.limitConnecting(
      this.#clock.after(connectTimeoutMs, () =>
        connection.giveUp(new Http1Failure(Outcome.connectFailed, message)),
      ),
    );
  }

  readonly #sweep = (): void => {
    this.#cancelSweep = undefined;
    const nowMs = this.#clock.nowMs();
    // A copy, since closing one takes it out. Each has its own limit, so the order says nothing.
    for (const connection of this.#idle.slice()) {
      if (nowMs >= connection.idleUntilMs || !connection.isUsable) connection.close();
    }
    if (this.#idle.length > 0) this.#cancelSweep = this.#clock.after(SWEEP_MS, this.#sweep);
  };
}
