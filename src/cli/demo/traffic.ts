import type { Cancel } from "../../core/clock.ts";
import { systemClock } from "../../system.ts";

/** How often requests are sent off, in milliseconds: those that are due by then go together. */
const BEAT_MS = 20;

/** The most requests that wait for an answer; beyond it none are sent, so that a stuck balancer fills no memory. */
const MOST_WAITING = 2_000;

/** How many of the last latencies the median is taken of. */
const SAMPLES = 256;

/** What is asked for, in turn: quick answers, and some that take long enough to be under way when a server dies. */
const PATHS = ["/", "/slow?ms=15", "/api/users", "/slow?ms=40"];

/** Clients that send so many requests a second and count what comes back. */
export class Traffic {
  readonly #url: string;
  readonly #perSecond: number;
  readonly #latencies = new Float64Array(SAMPLES);
  readonly #startedMs = systemClock.nowMs();
  readonly #waiting = new Set<Promise<void>>();
  #cancelBeat: Cancel | undefined;
  #sent = 0;
  /** Answers below 500. */
  answers = 0;
  /** Requests without an answer, or with one of 500 or above. */
  errors = 0;

  /**
   * Starts sending.
   *
   * @param url The balancer's, without a path.
   * @param perSecond 0 for none.
   */
  constructor(url: string, perSecond: number) {
    this.#url = url;
    this.#perSecond = perSecond;
    if (perSecond > 0) this.#cancelBeat = systemClock.after(BEAT_MS, () => this.#beat());
  }

  /** The median of the last latencies, in milliseconds; null before the first answer. */
  get medianMs(): number | null {
    const sorted = this.#latencies.slice(0, Math.min(this.answers, SAMPLES)).sort();
    return sorted[sorted.length >> 1] ?? null;
  }

  /** Sends no more, and waits for the answers to what was sent. */
  async stop(): Promise<void> {
    this.#cancelBeat?.();
    await Promise.all(this.#waiting);
  }

  #beat(): void {
    this.#cancelBeat = systemClock.after(BEAT_MS, () => this.#beat());
    const due = Math.floor(((systemClock.nowMs() - this.#startedMs) / 1000) * this.#perSecond);
    for (; this.#sent < due; this.#sent++) {
      if (this.#waiting.size >= MOST_WAITING) continue;
      const request = this.#request(PATHS[this.#sent % PATHS.length] as string);
      this.#waiting.add(request);
      void request.then(() => this.#waiting.delete(request));
    }
  }

  async #request(path: string): Promise<void> {
    const startedMs = systemClock.nowMs();
    const init: BunFetchRequestInit & { proxy: false } = { proxy: false };
    try {
      const response = await fetch(this.#url + path, init as RequestInit);
      await response.arrayBuffer();
      if (response.status >= 500) {
        this.errors += 1;
        return;
      }
    } catch {
      // What the client saw is the whole finding; why is in the balancer's log.
      this.errors += 1;
      return;
    }
    this.#latencies[this.answers % SAMPLES] = systemClock.nowMs() - startedMs;
    this.answers += 1;
  }
}
