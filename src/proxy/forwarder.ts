import type { Backend } from "../core/backend.ts";
import type { Balancer } from "../core/balancer.ts";
import type { DeadlineWheel } from "../core/deadlines.ts";
import { Outcome } from "../core/outcome.ts";
import type { Transport } from "../transport/transport.ts";
import type { ClientInfo } from "./client.ts";
import { Exchange } from "./exchange.ts";
import { Outbound } from "./outbound.ts";
import { badGateway, badRequest, GATEWAY_TIMEOUT, noBackend, problemResponse } from "./problem.ts";
import { type ForwardingRules, outboundOf, takeBody } from "./request.ts";
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
  readonly #followsBodies: boolean;

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
    this.#followsBodies = transport.followsBodies === true;
  }

  /** Forwards a request. Never rejects. */
  forward(request: Request, client: ClientInfo | undefined): Promise<Response> {
    const outbound = outboundOf(request, client, this.#rules);
    if (!(outbound instanceof Outbound)) return Promise.resolve(problemResponse(outbound));
    const body = takeBody(request, outbound);
    // Most requests have no body to wait for, and should not pay for the ones that do.
    if (!(body instanceof Promise)) return this.#answer(request, client, outbound, body);
    return body.then(
      (content) => this.#answer(request, client, outbound, content),
      () => problemResponse(BROKEN_BODY),
    );
  }

  async #answer(
    request: Request,
    client: ClientInfo | undefined,
    outbound: Outbound,
    content: RequestBody,
  ): Promise<Response> {
    outbound.content = content;
    const admittedMs = this.#balancer.admit();
    const { retries } = this.#rules;
    let nowMs = admittedMs;
    let tried: Backend[] | undefined;
    let outcome: Outcome = Outcome.connectFailed;
    for (let attempt = 0; attempt <= retries; attempt++) {
      const backend = this.#balancer.pick("", tried, nowMs);
      if (backend === undefined) {
        content.discard();
        return problemResponse(noBackend(this.#rules.retryAfterSeconds));
      }
      const timeoutMs = this.#timeoutMs(nowMs - admittedMs);
      const exchange = new Exchange(
        this.#balancer,
        this.#wheel,
        backend,
        request,
        client,
        content,
        nowMs,
        timeoutMs,
      );
      try {
        const upstream = await this.#transport.send(backend, outbound, exchange);
        return clientResponse(upstream, exchange, outbound.method, content, this.#followsBodies);
      } catch (error) {
        // When the client's body breaks, so does the try, but that says nothing about the backend.
        const failure = content.broken ? REQUEST_BROKEN : this.#transport.failure(error);
        const ending = exchange.fail(failure);
        outcome = ending.outcome;
        this.#tryFailed(backend, request, ending.message);
      }
      nowMs = this.#balancer.nowMs();
      if (!this.#mayRetry(attempt, outcome, outbound, admittedMs, nowMs)) break;
      tried ??= [];
      tried.push(backend);
    }
    content.discard();
    return failureResponse(outcome);
  }

  /** The longest wait for the head in a try that begins so long after the request came; 0 is for ever. */
  #timeoutMs(elapsedMs: number): number {
    const { timeoutMs, tryTimeoutMs } = this.#rules;
    if (timeoutMs === 0) return tryTimeoutMs;
    const leftMs = Math.max(1, timeoutMs - elapsedMs);
    return tryTimeoutMs === 0 ? leftMs : Math.min(leftMs, tryTimeoutMs);
  }

  #mayRetry(
    attempt: number,
    outcome: Outcome,
    outbound: Outbound,
    admittedMs: number,
    nowMs: number,
  ): boolean {
    const { timeoutMs } = this.#rules;
    if (timeoutMs > 0 && nowMs - admittedMs >= timeoutMs) return false;
    return this.#balancer.mayRetry(attempt, outcome, outbound.idempotent, outbound.content.replayable, nowMs);
  }
}

const BROKEN_BODY = badRequest("The request's body broke off.");
const REQUEST_BROKEN = { outcome: Outcome.requestBroken, message: "the request's body broke off" };

/** What a client is told when no try gave an answer. */
function failureResponse(outcome: Outcome): Response {
  switch (outcome) {
    case Outcome.timedOut:
      return problemResponse(GATEWAY_TIMEOUT);
    case Outcome.connectFailed:
      return problemResponse(badGateway("connection_refused"));
    case Outcome.noRoom:
      return problemResponse(badGateway("connection_limit_reached"));
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
