import { parseAddress } from "../config/cidr.ts";
import { ConfigError, type ConfigProblem, didYouMean } from "../config/problem.ts";
import { orList } from "../config/schema/values.ts";
import { isToken } from "../http1/hop-by-hop.ts";
import type { ClientInfo } from "../proxy/client.ts";

/** A request in words, to be explained. */
export interface DescribedRequest {
  /** As it is written: methods are case-sensitive. Default `GET`. */
  readonly method: string;
  /** Path and query as in a request line, or a whole URL. */
  readonly target: string;
  /** The values of fields by their names, several lines of one joined. Without `host` it is `localhost`. Default none. */
  readonly headers: Readonly<Record<string, string>>;
  /** The peer's IP address; empty if it is not known. Default empty. */
  readonly client: string;
}

const KEYS = ["method", "target", "headers", "client"] as const;

/**
 * Takes a request from JSON, with every default filled in.
 *
 * @throws ConfigError with all that is wrong.
 */
export function readDescribed(given: unknown): DescribedRequest {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new ConfigError(`request: found ${foundText(given)}, expected an object with a target`);
  }
  const { method = "GET", target, headers = {}, client = "" } = given as Record<string, unknown>;
  const unknown = Object.keys(given).filter((key) => !KEYS.some((known) => known === key));
  const isObject = typeof headers === "object" && headers !== null && !Array.isArray(headers);
  const fields = isObject ? Object.entries(headers) : [];
  const problems = [
    ...unknown.map((key) => {
      const near = didYouMean(key, KEYS) || `, expected ${orList(KEYS)}`;
      return problem([key], "request", `found the unknown key ${JSON.stringify(key)}${near}`);
    }),
    ...problemIn(["method"], "method", methodMistake(method)),
    ...problemIn(["target"], "target", targetMistake(target)),
    ...(isObject
      ? []
      : [problem(["headers"], "headers", `found ${foundText(headers)}, expected values by their names`)]),
    ...fields.flatMap(([name, value]) => problemIn(["headers", name], "headers", fieldMistake(name, value))),
    ...problemIn(["client"], "client", client === "" ? undefined : clientMistake(client)),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  // All of it was looked at above.
  return { method, target, headers, client } as DescribedRequest;
}

/** What is wrong with a method, as the end of a sentence; undefined if nothing is. */
export function methodMistake(method: unknown): string | undefined {
  if (typeof method === "string" && isToken(method)) return undefined;
  return `found ${foundText(method)}, expected a method such as GET`;
}

/** What is wrong with a target. */
export function targetMistake(target: unknown): string | undefined {
  if (typeof target === "string" && /^(?:https?:\/)?\/[!-~]*$/i.test(target)) {
    if (target.includes("#")) return `found ${foundText(target)}, expected it without #, which is never sent`;
    if (target.startsWith("/") || URL.canParse(target)) return undefined;
  }
  const isUnescaped = typeof target === "string" && /^(?:https?:\/)?\/.*[^!-~]/i.test(target);
  return isUnescaped
    ? `found ${foundText(target)}, expected it percent-encoded, as in a request`
    : `found ${foundText(target)}, expected a path such as /users?page=2, or a URL`;
}

/** What is wrong with a field. */
export function fieldMistake(name: string, value: unknown): string | undefined {
  if (!isToken(name)) return `found the name ${foundText(name)}, expected one such as Host`;
  if (typeof value === "string" && /^[\t -~\u0080-\u00ff]*$/.test(value)) return undefined;
  return `found ${foundText(value)} as ${name}, expected a value in one line of Latin letters`;
}

/** What is wrong with a client's address. */
export function clientMistake(client: unknown): string | undefined {
  if (typeof client === "string" && parseAddress(client.split("%", 1)[0] as string) !== undefined) {
    return undefined;
  }
  return `found ${foundText(client)}, expected an IP address such as 10.0.0.1`;
}

/** The request itself, as if it had come from a client, byte for byte. It has no body. */
export function requestOf(described: DescribedRequest): Request {
  return new RequestAsDescribed(described);
}

/** Whoever sends it; undefined if that is not known. */
export function clientOfDescribed({ client, target }: DescribedRequest): ClientInfo | undefined {
  if (client === "") return undefined;
  return { address: client, port: 0, tls: /^https:/i.test(target), protocol: "1.1" };
}

/** What no field says. */
const USUAL_HOST = "localhost";

/** A `Request` cannot be made with every method, and would change targets: what is made stands in for the one described. */
class RequestAsDescribed extends Request {
  readonly #method: string;
  readonly #url: string;

  constructor({ method, target, headers }: DescribedRequest) {
    const fields = new Headers(headers);
    // An absolute target says more than Host does (RFC 9112 §3.2.2).
    if (!target.startsWith("/")) fields.set("host", new URL(target).host);
    else if (!fields.has("host")) fields.set("host", USUAL_HOST);
    super("http://host.invalid/", { headers: fields });
    this.#method = method;
    this.#url = target.startsWith("/") ? `http://${fields.get("host")}${target}` : target;
  }

  override get method(): string {
    return this.#method;
  }

  override get url(): string {
    return this.#url;
  }
}

function problem(path: readonly string[], place: string, message: string): ConfigProblem {
  return { path, place, message };
}

function problemIn(path: readonly string[], place: string, message: string | undefined): ConfigProblem[] {
  return message === undefined ? [] : [problem(path, place, message)];
}

function foundText(given: unknown): string {
  if (given === undefined || given === "") return "nothing";
  if (Array.isArray(given)) return "a list";
  return typeof given === "object" && given !== null ? "an object" : JSON.stringify(given);
}
