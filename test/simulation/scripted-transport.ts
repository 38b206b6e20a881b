import type { Backend } from "../../src/core/backend.ts";
import { Outcome } from "../../src/core/outcome.ts";
import type {
  ExchangeHooks,
  OutboundRequest,
  Transport,
  TransportFailure,
} from "../../src/transport/transport.ts";

/** One call of `send`, as the script sees it. */
export interface SentTry {
  readonly backend: Backend;
  readonly outbound: OutboundRequest;
  readonly signal: AbortSignal;
}

/** What a backend does with a try. May throw a `ScriptedFailure`. */
export type Script = (sent: SentTry, index: number) => Response | Promise<Response>;

/** Backends that exist only as a script: no socket, no time of their own, and a record of every try. */
export class ScriptedTransport implements Transport {
  readonly name = "scripted";
  readonly tries: SentTry[] = [];
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  async send(backend: Backend, outbound: OutboundRequest, { signal }: ExchangeHooks): Promise<Response> {
    const sent = { backend, outbound, signal };
    this.tries.push(sent);
    return this.#script(sent, this.tries.length - 1);
  }

  failure(error: unknown): TransportFailure {
    if (error instanceof ScriptedFailure) return error;
    return { outcome: Outcome.reset, message: error instanceof Error ? error.message : String(error) };
  }

  /** The origins that were tried, in order. */
  get origins(): string[] {
    return this.tries.map((sent) => sent.backend.origin);
  }
}

/** What a script throws in place of an answer. */
export class ScriptedFailure extends Error implements TransportFailure {
  readonly outcome: Outcome;

  constructor(outcome: Outcome, message: string) {
    super(message);
    this.outcome = outcome;
  }
}

/** What a refused connection looks like. */
export function refused(): ScriptedFailure {
  return new ScriptedFailure(Outcome.connectFailed, "connection refused");
}

/** What a connection that closes before its answer looks like. */
export function reset(): ScriptedFailure {
  return new ScriptedFailure(Outcome.reset, "the connection closed before an answer");
}

/** A backend that never answers: it ends only by being aborted. */
export function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

/** An answer's body in the hands of a test. It breaks when the try is aborted, as a socket's would. */
export class ScriptedBody {
  readonly stream: ReadableStream<Uint8Array>;
  isCancelled = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isOver = false;

  constructor(signal: AbortSignal) {
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.isCancelled = true;
        this.#isOver = true;
      },
    });
    signal.addEventListener("abort", () => this.break(signal.reason), { once: true });
  }

  push(text: string): void {
    if (!this.#isOver) this.#controller?.enqueue(new TextEncoder().encode(text));
  }

  end(): void {
    if (!this.#isOver) this.#controller?.close();
    this.#isOver = true;
  }

  break(error: unknown = new Error("the backend died")): void {
    if (!this.#isOver) this.#controller?.error(error);
    this.#isOver = true;
  }
}
