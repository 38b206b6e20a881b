import { parseBackends } from "../config/backends.ts";
import type { ResolvedPool } from "../config/resolved.ts";
import type { BackendConfig } from "../config/types/backends.ts";
import type { State } from "../core/backend.ts";
import { Balancer } from "../core/balancer.ts";
import type { BalancerConfig } from "../core/balancer-config.ts";
import { DeadlineWheel } from "../core/deadlines.ts";
import { explainPool, type PoolVerdict } from "../core/explanation/pool-verdict.ts";
import { type StateChange, UNCHECKED_EJECTION_MS } from "../core/health.ts";
import type { PanicChange } from "../core/panic.ts";
import { relayKey } from "../front/relay-key.ts";
import { canDispatch, type RelayService } from "../front/relay-service.ts";
import { relaySessions } from "../front/relay-sessions.ts";
import type { ClientInfo } from "../proxy/client.ts";
import { Forwarder, type ProxyRules, type TryFailed } from "../proxy/forwarder.ts";
import { type ForwardingRules, targetOf } from "../proxy/request.ts";
import { requestKey } from "../proxy/request-key.ts";
import { createSessions, RequestSessions, type Sessions } from "../proxy/sessions.ts";
import type { PoolExplanation } from "./explanation.ts";
import { type CheckSupport, PoolChecks } from "./pool-checks.ts";
import { isSame } from "./same.ts";

/** How coarse the moments are at which second tries are begun, in milliseconds. */
const HEDGE_TICK_MS = 2;

/** What all pools of a balancer stand on. */
export interface PoolSupport extends CheckSupport {
  /** Where time-outs are noted. */
  readonly wheel: DeadlineWheel;
  readonly isCheckedElsewhere: boolean;
  readonly onStateChange: (change: StateChange, pool: string) => void;
  readonly onPanicChange: (change: PanicChange, pool: string) => void;
  readonly onPickerFault: (reason: string, pool: string) => void;
  readonly tryFailed: TryFailed;
}

/** What a route says differently from its pool. */
export type RouteLimits = Partial<Pick<ProxyRules, "timeoutMs" | "requestTimeoutMs" | "priority">>;

/**
 * One pool, ready to serve: its decisions, the checks of its backends, and what forwards requests to them, in both
 * ways. All that forwards to one pool, for however many routes, shares its decisions.
 */
export class ServedPool {
  readonly name: string;
  readonly balancer: Balancer;
  readonly #support: PoolSupport;
  #config: ResolvedPool;
  #sessions: Sessions | undefined;
  #hedgeWheel: DeadlineWheel | undefined;
  readonly #checks: PoolChecks;

  /** @throws ConfigError if the transport cannot check backends as the config says. */
  constructor(name: string, config: ResolvedPool, support: PoolSupport) {
    const { clock, random } = support;
    this.name = name;
    this.#support = support;
    this.#config = config;
    this.#takeUp(config);
    this.balancer = new Balancer(this.#balancerConfig, clock, random, (change) => this.#changed(change), {
      onPanic: (change) => support.onPanicChange(change, name),
      onPickerFault: (reason) => support.onPickerFault(reason, name),
    });
    this.#checks = new PoolChecks(config, support, this.balancer);
  }

  /**
   * Goes by another config from now on. Backends that stay keep what is known of them. What was made to forward
   * requests here goes by the old one still: it is to be made anew.
   *
   * @throws ConfigError if the transport cannot check backends as the config says; then nothing has changed.
   */
  reconfigure(config: ResolvedPool): void {
    const before = this.#config;
    if (isSame(before, config)) return;
    const follow = this.#checks.prepare(config);
    this.#config = config;
    this.#takeUp(config, before);
    this.balancer.reconfigure(this.#balancerConfig);
    follow();
  }

  /** Begins the checks of its backends. */
  watch(): void {
    this.#checks.begin();
  }

  /** Ends the checks. */
  unwatch(): void {
    this.#checks.end();
  }

  /** Whoever checks in its stead has found this. */
  found(origin: string, state: State, reason: string, unreachable: boolean): void {
    const backend = this.balancer.pool.members.find((member) => member.origin === origin);
    if (backend !== undefined) this.balancer.health.assume(backend, state, reason, unreachable);
  }

  /**
   * Makes these the backends; those that stay keep what is known of them.
   *
   * @throws ConfigError if they are wrong; then nothing has changed.
   */
  setBackends(backends: readonly BackendConfig[]): void {
    const resolved = parseBackends(backends, this.#config.healthCheck);
    const config = { ...this.#config, backends: resolved };
    const follow = this.#checks.prepare(config);
    this.#config = config;
    this.balancer.setBackends(resolved);
    follow();
  }

  /** What it goes by. */
  get config(): ResolvedPool {
    return this.#config;
  }

  /** What forwards requests that are a `Request`. */
  forwarder(forwarding: ForwardingRules, limits: RouteLimits = {}): Forwarder {
    const { transport, wheel, tryFailed } = this.#support;
    const parts = { sessions: this.#sessions, hedgeWheel: this.#hedgeWheel };
    return new Forwarder(this.balancer, transport, wheel, this.#rules(forwarding, limits), tryFailed, parts);
  }

  /** What relays requests that are bytes. Undefined if the transport takes none. */
  relay(forwarding: ForwardingRules, limits: RouteLimits = {}): RelayService | undefined {
    const { transport, wheel, tryFailed } = this.#support;
    if (!canDispatch(transport)) return undefined;
    const { trustedProxies } = forwarding;
    const { keySource } = this.balancer;
    return {
      balancer: this.balancer,
      wheel,
      hedgeWheel: this.#hedgeWheel,
      rules: this.#rules(forwarding, limits),
      keyOf: keySource === undefined ? undefined : relayKey(keySource, trustedProxies),
      sessions: this.#sessions === undefined ? undefined : relaySessions(this.#sessions, trustedProxies),
      dispatch: (backend, sending, nowMs) => transport.dispatch(backend, sending, nowMs),
      tryFailed,
    };
  }

  /**
   * What would become of a request that is sent here, and why. Nothing notices.
   *
   * @param priority How urgent it is where requests wait. Default 5.
   */
  explain(
    { headers, url }: Request,
    client: ClientInfo | undefined,
    { trustedProxies }: ForwardingRules,
    priority?: number,
  ): PoolVerdict & Pick<PoolExplanation, "algorithm" | "key"> {
    const { balancer } = this;
    const { keySource: source } = balancer;
    const { algorithm } = this.#config;
    const target = targetOf(url) ?? "";
    const sessions =
      this.#sessions === undefined ? undefined : new RequestSessions(this.#sessions, trustedProxies);
    const session = sessions?.of(headers, target, client) ?? "";
    const value = source === undefined ? "" : requestKey(source, trustedProxies)(headers, target, client);
    return {
      algorithm: typeof algorithm === "function" ? "own" : algorithm,
      key: source === undefined ? null : { source, value },
      ...explainPool(balancer, value, session, priority),
    };
  }

  /** Requests that are not done: on a backend, between two tries, or waiting for room. */
  get underWay(): number {
    return this.balancer.underWay;
  }

  #rules({ trustedProxies, forwarded }: ForwardingRules, limits: RouteLimits): ProxyRules {
    const { healthCheck } = this.#config;
    const retryAfterMs = healthCheck === false ? UNCHECKED_EJECTION_MS : healthCheck.intervalMs;
    const retryAfterSeconds = Math.ceil(retryAfterMs / 1000);
    return { ...this.#config, trustedProxies, forwarded, retryAfterSeconds, ...limits };
  }

  #takeUp({ sticky, hedge }: ResolvedPool, before?: ResolvedPool): void {
    // Who remembers sessions must not forget them for nothing.
    if (before === undefined || !isSame(before.sticky, sticky)) {
      this.#sessions = sticky === false ? undefined : createSessions(sticky);
    }
    if (hedge === false) this.#hedgeWheel = undefined;
    else this.#hedgeWheel ??= new DeadlineWheel(this.#support.clock, HEDGE_TICK_MS);
  }

  get #balancerConfig(): BalancerConfig {
    const config = this.#config;
    const { healthCheck } = config;
    const checked = healthCheck !== false || this.#support.isCheckedElsewhere;
    const health = { rise: 1, fall: 1, ...healthCheck, checked };
    return { ...config, health, retry: config, stickiness: this.#sessions?.stickiness };
  }

  #changed(change: StateChange): void {
    if (change.byTraffic && change.state === "down") this.#checks.hasten(change.backend);
    this.#support.onStateChange(change, this.name);
  }
}
