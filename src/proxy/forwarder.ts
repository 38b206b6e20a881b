import { isInAny } from "../config/cidr.ts";
import { type AttemptRules, Attempts } from "../core/attempts.ts";
import type { Backend } from "../core/backend.ts";
import type { Balancer } from "../core/balancer.ts";
import type { DeadlineWheel } from "../core/deadlines.ts";
import { Outcome } from "../core/outcome.ts";
import type { Transport } from "../transport/transport.ts";
import type { ClientInfo } from "./client.ts";
import { Exchange } from "./exchange.ts";
import { Outbound } from "./outbound.ts";
import { pause, waitForRoom } from "./pause.ts";
import { BROKEN_BODY, failureProblem, problemResponse, refusalProblem } from "./problem.ts";
import { Race, RaceLost, type RaceService, type Won } from "./race.ts";
import { type ForwardingRules, outboundOf, takeBody } from "./request.ts";
import type { RequestBody } from "./request-body.ts";
import { type RequestKey, requestKey } from "./request-key.ts";
import { clientResponse } from "./response.ts";
import { heldMs } from "./retry-after.ts";
import { saidTimeoutMs } from "./said-timeout.ts";
import { RequestSessions, type Sessions } from "./sessions.ts";
import type { AnswerRules } from "./try.ts";

/** What of the config decides how requests are answered. */
export interface ProxyRules extends ForwardingRules, AttemptRules, AnswerRules {
  /** What a client is told to wait when there is no backend, in seconds. */
  readonly retryAfterSeconds: number;
  /** The most of a request's body that is kept in memory for another try, in bytes; 0 is nothing. */
  readonly replayLimitBytes: number;
  /** Where trusted proxies say how long a request may take; false is nowhere. In lower case. */
  readonly deadlineHeader: string | false;
}

/** What only some balancers have. */
export interface ForwarderParts {
  /** What keeps requests at their backends. Default: nothing. */
  readonly sessions?: Sessions | undefined;
  /** Where it is noted when second tries are due. Default: there are none. */
  readonly hedgeWheel?: DeadlineWheel | undefined;
}

/** Told of each try that failed, in words for a log. */
export type TryFailed = (backend: Backend, method: string, url: string, reason: string) => void;

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
  readonly #hedgeWheel: DeadlineWheel | undefined;
  readonly #followsBodies: boolean;
  /** Undefined if the balancer picks by no key. */
  readonly #keyOf: RequestKey | undefined;
  /** Undefined if no request has one. */
  readonly #sessions: RequestSessions | undefined;

  constructor(
    balancer: Balancer,
    transport: Transport,
    wheel: DeadlineWheel,
    rules: ProxyRules,
    tryFailed: TryFailed,
    { sessions, hedgeWheel }: ForwarderParts = {},
  ) {
    this.#balancer = balancer;
    this.#transport = transport;
    this.#wheel = wheel;
    this.#rules = rules;
    this.#tryFailed = tryFailed;
    this.#hedgeWheel = hedgeWheel;
    this.#followsBodies = transport.followsBodies === true;
    const { keySource } = balancer;
    this.#keyOf = keySource === undefined ? undefined : requestKey(keySource, rules.trustedProxies);
    if (sessions !== undefined) this.#sessions = new RequestSessions(sessions, rules.trustedProxies);
  }

  /** Forwards a request. Never rejects. */
  forward(request: Request, client: ClientInfo | undefined): Promise<Response> {
    const outbound = outboundOf(request, client, this.#rules);
    if (!(outbound instanceof Outbound)) return Promise.resolve(problemResponse(outbound));
    const body = takeBody(request, outbound, this.#rules.replayLimitBytes);
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
    const attempts = new Attempts(this.#balancer, this.#rules);
    const { headers } = request;
    const sessions = this.#sessions;
    const session = sessions === undefined ? "" : sessions.of(headers, outbound.target, client);
    attempts.admit(this.#keyOf === undefined ? "" : this.#keyOf(headers, outbound.target, client), session);
    const { deadlineHeader } = this.#rules;
    if (deadlineHeader !== false && this.#isTrusted(client)) {
      attempts.limit(saidTimeoutMs(headers.get(deadlineHeader)));
    }
    try {
      for (;;) {
        if (attempts.waitMs > 0 && !(await pause(this.#balancer, attempts.waitMs, request, client))) {
          content.discard();
          return failureResponse(Outcome.clientGone);
        }
        const backend = attempts.next();
        const begun =
          backend === undefined
            ? await this.#beginOnceThereIsRoom(attempts, request, client, content)
            : this.#begin(backend, attempts, request, client, content);
        if (begun === undefined) {
          content.discard();
          if (request.signal.aborted) return failureResponse(Outcome.clientGone);
          return problemResponse(refusalProblem(attempts.refusal, this.#rules.retryAfterSeconds));
        }
        let exchange = begun;
        try {
          let upstream: Response;
          if (this.#hedgeWheel === undefined || !outbound.idempotent || attempts.hedgeDelayMs < 0) {
            upstream = await this.#transport.send(exchange.backend, outbound, exchange);
          } else {
            ({ exchange, upstream } = await this.#race(exchange, outbound, attempts, request, client));
          }
          if (!this.#mayDrop(upstream, attempts, exchange.backend, outbound)) {
            sessions?.tell(upstream.headers, session, exchange.backend, request, client);
            return clientResponse(upstream, exchange, outbound.method, content, this.#followsBodies);
          }
          const { outcome, message } = exchange.drop(upstream);
          this.#tryFailed(exchange.backend, request.method, request.url, message);
          if (outcome !== Outcome.clientGone) continue;
          content.discard();
          return failureResponse(outcome);
        } catch (thrown) {
          if (thrown instanceof RaceLost) exchange = thrown.exchange;
          const error = thrown instanceof RaceLost ? thrown.cause : thrown;
          // When the client's body breaks, so does the try, but that says nothing about the backend.
          const failure = content.broken ? REQUEST_BROKEN : this.#transport.failure(error);
          const { outcome, message } = exchange.endFailed(failure);
          this.#tryFailed(exchange.backend, request.method, request.url, message);
          const { idempotent } = outbound;
          if (attempts.mayTryAgain(exchange.backend, outcome, idempotent, content.replayable)) continue;
          content.discard();
          return failureResponse(outcome);
        }
      }
    } finally {
      attempts.over();
    }
  }

  #begin(
    backend: Backend,
    attempts: Attempts,
    request: Request,
    client: ClientInfo | undefined,
    content: RequestBody,
  ): Exchange {
    return new Exchange(
      this.#balancer,
      this.#wheel,
      this.#rules,
      attempts,
      backend,
      request,
      client,
      content,
    );
  }

  /** Undefined if there will be no room, or the client leaves. */
  #beginOnceThereIsRoom(
    attempts: Attempts,
    request: Request,
    client: ClientInfo | undefined,
    content: RequestBody,
  ): Promise<Exchange | undefined> {
    const begin = (backend: Backend) => this.#begin(backend, attempts, request, client, content);
    return waitForRoom(attempts, begin, request, client);
  }

  /** Sends a request that a second try may be begun for. */
  #race(
    first: Exchange,
    outbound: Outbound,
    attempts: Attempts,
    request: Request,
    client: ClientInfo | undefined,
  ): Promise<Won> {
    const service: RaceService = {
      balancer: this.#balancer,
      transport: this.#transport,
      wheel: this.#hedgeWheel as DeadlineWheel,
      begin: (backend) => this.#begin(backend, attempts, request, client, outbound.content),
      tryFailed: (backend, reason) => this.#tryFailed(backend, request.method, request.url, reason),
    };
    return new Race(service, attempts, outbound, first).won;
  }

  #isTrusted(client: ClientInfo | undefined): boolean {
    return client !== undefined && isInAny(this.#rules.trustedProxies, client.address);
  }

  /** Whether an answer is dropped, and the request tried again. */
  #mayDrop(upstream: Response, attempts: Attempts, backend: Backend, outbound: Outbound): boolean {
    const { status } = upstream;
    if (!this.#balancer.retries.includesStatus(status)) return false;
    const { idempotent, content } = outbound;
    return attempts.mayReplace(backend, status, heldMs(upstream), idempotent, content.replayable);
  }
}

const REQUEST_BROKEN = { outcome: Outcome.requestBroken, message: "the request's body broke off" };

/** What a client is told when no try gave an answer. */
function failureResponse(outcome: Outcome): Response {
  // Nobody reads it; nginx's number for it, should it be logged.
  if (outcome === Outcome.clientGone) return new Response(null, { status: 499 });
  return problemResponse(failureProblem(outcome));
}
