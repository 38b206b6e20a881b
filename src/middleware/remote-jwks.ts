import type { Clock } from "../core/clock.ts";
import { letGo } from "../transport/let-go.ts";

/** Where keys are fetched from, and how long they are gone by. */
export interface RemoteJwksRules {
  readonly jwksUrl: string;
  /** The longest wait for them, in milliseconds. */
  readonly jwksTimeoutMs: number;
  /** How old they may get before newer ones are asked for, in milliseconds. */
  readonly jwksRefreshMs: number;
  /** The least time from one fetch to the next, in milliseconds. */
  readonly jwksCooldownMs: number;
  /** How old they may get while there are no newer ones to be had, in milliseconds. */
  readonly jwksKeepMs: number;
}

/** What came of asking for newer keys. */
export type Renewal = "renewed" | "too soon" | "failed";

/** There are no keys to check anything by, for no fault of the client's. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

/** More than any set has, in bytes. */
const MOST_BYTES = 524_288;

/**
 * A key set that an authorization server publishes (RFC 7517 §5). It is fetched when it is first needed, and again
 * beside the requests that go on with the one that is there. A fetch that fails takes nothing away: the last good keys
 * stay for a while.
 */
export class RemoteJwks<Keys> {
  readonly #rules: RemoteJwksRules;
  readonly #clock: Clock;
  readonly #made: (json: unknown) => Promise<Keys>;
  readonly #warn: (reason: string) => void;
  #keys: Keys | undefined;
  #fetchedAtMs = Number.NEGATIVE_INFINITY;
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #isFailing = false;
  #fetching: Promise<Renewal> | undefined;

  /**
   * @param made Makes keys of what was fetched; rejects if it is no key set.
   * @param warn Told once when fetches begin to fail, and once when they no longer do.
   */
  constructor(
    rules: RemoteJwksRules,
    clock: Clock,
    made: (json: unknown) => Promise<Keys>,
    warn: (reason: string) => void,
  ) {
    this.#rules = rules;
    this.#clock = clock;
    this.#made = made;
    this.#warn = warn;
  }

  /**
   * The keys to go by now.
   *
   * @throws KeysUnavailable if there are none, or only such as are too old.
   */
  async current(): Promise<Keys> {
    const ageMs = this.#clock.nowMs() - this.#fetchedAtMs;
    if (ageMs >= this.#rules.jwksKeepMs) await this.renew();
    // Beside the request; it never rejects.
    else if (ageMs >= this.#rules.jwksRefreshMs) void this.renew();
    const isKept = this.#clock.nowMs() - this.#fetchedAtMs < this.#rules.jwksKeepMs;
    if (this.#keys === undefined || !isKept) throw new KeysUnavailable(`no keys from ${this.#rules.jwksUrl}`);
    return this.#keys;
  }

  /** Asks for newer keys, unless that was done just now: a client can name keys that do not exist. Never rejects. */
  renew(): Promise<Renewal> {
    if (this.#fetching !== undefined) return this.#fetching;
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#triedAtMs < this.#rules.jwksCooldownMs) {
      return Promise.resolve(this.#isFailing ? "failed" : "too soon");
    }
    this.#triedAtMs = nowMs;
    this.#fetching = this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetch(): Promise<Renewal> {
    const { jwksUrl, jwksTimeoutMs } = this.#rules;
    const late = new AbortController();
    const cancel = this.#clock.after(jwksTimeoutMs, () => late.abort());
    try {
      this.#keys = await this.#made(await fetchJson(jwksUrl, late.signal));
      this.#fetchedAtMs = this.#clock.nowMs();
      if (this.#isFailing) this.#warn(`jwt: keys came from ${jwksUrl} again`);
      this.#isFailing = false;
      return "renewed";
    } catch (error) {
      const why = late.signal.aborted ? `no answer within ${jwksTimeoutMs} ms` : String(error);
      if (!this.#isFailing) this.#warn(`jwt: no keys from ${jwksUrl}: ${why}`);
      this.#isFailing = true;
      return "failed";
    } finally {
      cancel();
    }
  }
}

/** Redirects are not followed: they could lead to where somebody else decides. */
async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  const headers = { accept: "application/jwk-set+json, application/json" };
  const answer = await fetch(url, { headers, redirect: "manual", signal });
  if (answer.status !== 200 || answer.body === null) {
    if (answer.body !== null) void letGo(answer.body);
    throw new Error(`the answer has the status ${answer.status}`);
  }
  return JSON.parse(await boundedText(answer.body));
}

async function boundedText(body: ReadableStream<Uint8Array>): Promise<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > MOST_BYTES) {
      void letGo(reader);
      throw new Error(`the answer has more than ${MOST_BYTES} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
}
