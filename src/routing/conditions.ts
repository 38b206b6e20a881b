import { type Cidr, cidrText, isInAny } from "../config/cidr.ts";
import type { MatchRules, NamedRule, ValueRule } from "../config/match-rules.ts";
import { orList } from "../config/schema/values.ts";
import { cookieIn } from "../proxy/cookie.ts";
import { queryValue } from "./query.ts";
import type { RequestView } from "./request-view.ts";

/** What a route asks of a request besides its host and its path. */
export interface Condition {
  /** Whether a request keeps it. */
  holds(view: RequestView): boolean;
  /** Why a request does not keep it, in words. */
  failure(view: RequestView): string;
}

/** The conditions of a route, each by itself, in the order in which they are looked at: those that cost least first. */
export function conditionsOf({ methods, clients, headers, query, cookies }: MatchRules): Condition[] {
  return [
    ...(methods.length > 0 ? [new MethodIs(methods)] : []),
    ...(clients.length > 0 ? [new ClientIsIn(clients)] : []),
    ...headers.map((rule) => new ValueIs("header", rule, headerValue)),
    ...query.map((rule) => new ValueIs("query parameter", rule, parameterValue)),
    ...cookies.map((rule) => new ValueIs("cookie", rule, cookieOf)),
  ];
}

/**
 * A preflight (Fetch §3.2.2) is as good as the method that it asks about: what a route says of other origins holds for
 * the requests that it gets, and a browser asks beforehand whether it may send them.
 */
class MethodIs implements Condition {
  readonly #methods: readonly string[];

  constructor(methods: readonly string[]) {
    this.#methods = methods;
  }

  holds(view: RequestView): boolean {
    if (this.#methods.includes(view.method)) return true;
    const asked = askedMethod(view);
    return asked !== null && this.#methods.includes(asked);
  }

  failure(view: RequestView): string {
    const asked = askedMethod(view);
    const method = asked === null ? view.method : `${view.method} before ${asked}`;
    return `method is ${method}, expected ${orList(this.#methods)}`;
  }
}

/** The method that a preflight asks about; null if the request is none. */
function askedMethod(view: RequestView): string | null {
  if (view.method !== "OPTIONS" || view.header("origin") === null) return null;
  return view.header("access-control-request-method");
}

class ClientIsIn implements Condition {
  readonly #ranges: readonly Cidr[];

  constructor(ranges: readonly Cidr[]) {
    this.#ranges = ranges;
  }

  holds({ clientAddress }: RequestView): boolean {
    return isInAny(this.#ranges, clientAddress);
  }

  failure({ clientAddress }: RequestView): string {
    const client = clientAddress === "" ? "unknown" : clientAddress;
    return `client is ${client}, expected one in ${orList(this.#ranges.map(cidrText))}`;
  }
}

/** Of the three that have names: where a value is found is the only difference. */
class ValueIs implements Condition {
  readonly #what: string;
  readonly #name: string;
  readonly #rule: ValueRule;
  readonly #valueIn: (view: RequestView, name: string) => string | null;

  constructor(
    what: string,
    { name, value }: NamedRule,
    valueIn: (view: RequestView, name: string) => string | null,
  ) {
    this.#what = what;
    this.#name = name;
    this.#rule = value instanceof RegExp ? withoutState(value) : value;
    this.#valueIn = valueIn;
  }

  holds(view: RequestView): boolean {
    const value = this.#valueIn(view, this.#name);
    if (value === null) return false;
    const rule = this.#rule;
    if (typeof rule === "string") return value === rule;
    return rule === true || rule.test(value);
  }

  failure(view: RequestView): string {
    const value = this.#valueIn(view, this.#name);
    const name = `${this.#what} ${this.#name}`;
    if (value === null) return `there is no ${name}`;
    const rule = this.#rule;
    return `${name} is ${JSON.stringify(value)}, expected ${typeof rule === "string" ? JSON.stringify(rule) : rule}`;
  }
}

/** An expression that is global or sticky goes on where it found something last: another request must not notice. */
function withoutState({ source, flags }: RegExp): RegExp {
  return new RegExp(source, flags.replace(/[gy]/g, ""));
}

function headerValue(view: RequestView, name: string): string | null {
  return view.header(name);
}

function parameterValue(view: RequestView, name: string): string | null {
  return queryValue(view.query, name);
}

function cookieOf(view: RequestView, name: string): string | null {
  const text = view.header("cookie");
  return text === null ? null : cookieIn(text, name);
}
