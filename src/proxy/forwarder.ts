import type { Backend } from "../core/backend.ts";
import type { Balancer } from "../core/balancer.ts";
import type { DeadlineWheel } from "../core/deadlines.ts";
import { Outcome } from "../core/outcome.ts";
import type { Transport } from "../transport/transport.ts";
import type { ClientInfo } from "./client.ts";
import { Exchange } from "./exchange.ts";
import {
  badGateway,
  badRequest,
  GATEWAY_TIMEOUT,
  noBackend,
  type Problem,
  problemResponse,
} from "./problem.ts";
import { type ForwardingRules, Outbound, outboundHeaders, refusal, takeBody, targetOf } from "./request.ts";
import type { RequestBody } from "./request-body.ts";
import { clientResponse } from "./response.ts";

/** What of the config decides how requests are answered. */
export interface ProxyRules extends ForwardingRules {
  /** The longest wait for an answer's head, all tries together, in milliseconds; 0 is for ever. */
  readonly timeoutMs: number;
  /** The same for one try. */
  readonly tryTimeoutMs: number;
  /** Tries after the first, at most. */
  readonly retries: number;
  /** What a client is told to wait when there is no backend, in seconds. */
  readonly retryAfterSeconds: number;
}

/** Told of each try that failed, in words for a log. */
export type TryFailed = (backend: Backend, request: Request, reason: string) => void;

/**
 * The way of a request through the balancer: make it ready, pick a backend, send, and, if the try failed
 * and may be repeated, pick again. The one wait on the way of a request that succeeds is the transport's.
 */
export class Forwarder {
  readonly #balancer: Balancer;
  readonly #transport: Transport;
  readonly #wheel: DeadlineWheel;
  readonly #rules: ProxyRules;
  readonly #tryFailed: TryFailed;

  constructor(
    balancer: Balancer,
    transport: Transport,
    wheel: DeadlineWheel,
    rules: ProxyRules,
    tryFailed: TryFailed,
  ) {
    this.#balancer = balancer;
    this.#transport = transport;
    this.#wheel = wheel;
    this.#rules = rules;
    this.#tryFailed = tryFailed;
  }

  /** Forwards a request. Never rejects. */
  forward(request: Request, client: ClientInfo | undefined): Promise<Response> {
    const target = targetOf(request.url);
    if (target === undefined) return refuse(badRequest("The request names no host."));
    const refused = refusal(request);
    if (refused !== undefined) return refuse(refused);
    const taken = takeBody(request);
    // Most requests have no body to wait for, and should not pay for the ones that do.
    if (!(taken instanceof Promise)) return this.#answer(request, client, target, taken);
    return taken.then(
      (content) => this.#answer(request, client, target, content),
      () => problemResponse(BROKEN_BODY),
    );
  }

  async #answer(
    request: Request,
    client: ClientInfo | undefined,
    target: string,
    content: RequestBody,
  ): Promise<Response> {
    const headers = outboundHeaders(request, client, this.#rules);
    const outbound = new Outbound(request.method, target, headers, content);
    const startMs = this.#balancer.admit();
    const { retries } = this.#rules;
    let tried: Backend[] | undefined;
    let outcome: Outcome = Outcome.connectFailed;
    for (let attempt = 0; attempt <= retries; attempt++) {
      const backend = this.#balancer.pick("", tried);
      if (backend === undefined) {
        outbound.content.discard();
        return problemResponse(noBackend(this.#rules.retryAfterSeconds));
      }
      const timeoutMs = this.#timeoutOf(startMs, attempt);
      const exchange = new Exchange(this.#balancer, this.#wheel, backend, request, client, timeoutMs);
      try {
        const upstream = await this.#transport.send(backend, outbound, exchange.signal);
        return clientResponse(upstream, exchange, outbound.method);
      } catch (error) {
        const failure = this.#transport.failure(error);
        outcome = exchange.fail(failure);
        this.#tryFailed(backend, request, failure.message);
      }
      if (!this.#mayRetry(startMs, attempt, outcome, outbound)) break;
      tried ??= [];
      tried.push(backend);
    }
    outbound.content.discard();
    return failureResponse(outcome);
  }

  /** The longest wait for the head in this try: what is left of the request's time, or of the try's. */
  #timeoutOf(startMs: number, attempt: number): number {
    const { timeoutMs, tryTimeoutMs } = this.#rules;
    if (timeoutMs === 0) return tryTimeoutMs;
    const leftMs = attempt === 0 ? timeoutMs : Math.max(1, timeoutMs - this.#balancer.elapsedMs(startMs));
    return tryTimeoutMs === 0 ? leftMs : Math.min(leftMs, tryTimeoutMs);
  }

  #mayRetry(startMs: number, attempt: number, outcome: Outcome, outbound: Outbound): boolean {
    const { timeoutMs } = this.#rules;
    if (timeoutMs > 0 && this.#balancer.elapsedMs(startMs) >= timeoutMs) return false;
    return this.#balancer.mayRetry(attempt, outcome, outbound.idempotent, outbound.content.replayable);
  }
}

const BROKEN_BODY = badRequest("The request's body broke off.");

function refuse(problem: Problem): Promise<Response> {
  return Promise.resolve(problemResponse(problem));
}

/** What a client is told when no try gave an answer. */
function failureResponse(outcome: Outcome): Response {
  switch (outcome) {
    case Outcome.timedOut:
      return problemResponse(GATEWAY_TIMEOUT);
    case Outcome.connectFailed:
      return problemResponse(badGateway("connection_refused"));
    case Outcome.malformed:
      return problemResponse(badGateway("http_protocol_error"));
    case Outcome.requestBroken:
      return problemResponse(BROKEN_BODY);
    case Outcome.clientGone:
      // Nobody reads it; nginx's number for it, should it be logged.
      return new Response(null, { status: 499 });
    default:
      return problemResponse(badGateway("connection_terminated"));
  }
}
