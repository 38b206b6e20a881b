/**
 * A request that is another one with some of it changed.
 *
 * `new Request(url, request)` is not it: it resolves dot segments in the URL, drops a query's `?` where nothing
 * follows, wants `duplex` in one runtime and not in another, makes a GET of methods that it does not know, and
 * follows the client's leaving in some runtimes only, by a listener for each request.
 */

/** What becomes different; the rest stays. */
export interface RequestChange {
  /** The whole URL, byte for byte as the backend is to be asked for it. */
  readonly url?: string;
  /** All the fields. They belong to the new request. */
  readonly headers?: Headers;
  /** The body, if another one than the request's own: the old one is read through it. */
  readonly body?: ReadableStream<Uint8Array>;
  /** Fields, in lower case, that the config has set: they pass though a client's own would not. */
  readonly vouched?: readonly string[];
}

/**
 * The same request with something else in it. Its body moves: the old request has none any more.
 *
 * Its `url` is exactly what was given, its `method` and `signal` are the old one's own.
 *
 * @throws TypeError if the old body was read before, or the URL is none.
 */
export function changedRequest(request: Request, change: RequestChange): Request {
  return new ChangedRequest(request, change);
}

/** What is to be known of a request that it does not say itself, by those who forward it. */
export interface RequestOrigins {
  /** Fields, in lower case, that the config has set. */
  readonly vouched: readonly string[];
  /** The `Host` that the client sent; null if none. */
  readonly clientHost: string | null;
}

const NONE: readonly string[] = [];
const ORIGINS = Symbol("origins");

/** Any request may have them. */
interface WithOrigins {
  [ORIGINS]?: RequestOrigins;
}

/** What was noted of a request when it was changed; undefined if it is as it came. */
export function originsOf(request: Request): RequestOrigins | undefined {
  return (request as WithOrigins)[ORIGINS];
}

/** The `Host` that the client itself asked for, whatever the config has made of it; null if none. */
export function clientHost(request: Request): string | null {
  const origins = originsOf(request);
  return origins === undefined ? request.headers.get("host") : origins.clientHost;
}

class ChangedRequest extends Request implements WithOrigins {
  readonly [ORIGINS]: RequestOrigins;
  readonly #before: Request;
  readonly #method: string;
  readonly #url: string;

  constructor(request: Request, change: RequestChange) {
    const { url = request.url, headers = request.headers, vouched = NONE } = change;
    const body = change.body ?? bodyOf(request);
    const { method } = request;
    const init = { method: makeableMethod(method), headers, body, duplex: "half" };
    super(makeableUrl(url), init as RequestInit);
    this.#method = method;
    this.#url = url;
    this.#before = request instanceof ChangedRequest ? request.#before : request;
    this[ORIGINS] = originsWith(request, vouched);
  }

  override get method(): string {
    return this.#method;
  }

  override get url(): string {
    return this.#url;
  }

  /** Not made but when somebody asks for it: most requests are over before anyone does. */
  override get signal(): AbortSignal {
    return this.#before.signal;
  }
}

/**
 * A request that says the same as another one, with a body of its own, and with a life of its own: it does not end with
 * the client's leaving.
 *
 * @param body Undefined for none.
 */
export function copiedRequest(request: Request, body: Uint8Array<ArrayBuffer> | undefined): Request {
  return new CopiedRequest(request, body);
}

class CopiedRequest extends Request implements WithOrigins {
  readonly [ORIGINS]?: RequestOrigins;
  readonly #method: string;
  readonly #url: string;

  constructor(request: Request, body: Uint8Array<ArrayBuffer> | undefined) {
    const { url, method, headers } = request;
    super(makeableUrl(url), {
      method: makeableMethod(method),
      headers,
      ...(body === undefined ? {} : { body }),
    });
    this.#method = method;
    this.#url = url;
    const origins = originsOf(request);
    if (origins !== undefined) this[ORIGINS] = origins;
  }

  override get method(): string {
    return this.#method;
  }

  override get url(): string {
    return this.#url;
  }
}

function originsWith(request: Request, added: readonly string[]): RequestOrigins {
  const before = originsOf(request);
  if (before === undefined) return { vouched: added, clientHost: request.headers.get("host") };
  const { vouched, clientHost } = before;
  const isKnown = added.every((name) => vouched.includes(name));
  return isKnown ? before : { clientHost, vouched: [...new Set([...vouched, ...added])] };
}

/**
 * Takes a request for the next one on the way of another, however it was made: it follows the client's leaving, which
 * one made by `new Request` does in some runtimes only, and keeps what was noted of the other. Its own signal still
 * counts.
 *
 * @returns The same request.
 */
export function succeeding(request: Request, before: Request): Request {
  if (request === before || request instanceof ChangedRequest) return request;
  (request as WithOrigins)[ORIGINS] = originsWith(before, NONE);
  let both: AbortSignal | undefined;
  Object.defineProperty(request, "signal", {
    configurable: true,
    get: () => {
      both ??= AbortSignal.any([
        Reflect.get(Object.getPrototypeOf(request), "signal", request),
        before.signal,
      ]);
      return both;
    },
  });
  return request;
}

/** Some methods a `Request` is not made with, but a server may have made one (Fetch §2.2.1). */
function makeableMethod(method: string): string {
  return UNMAKEABLE.has(method) ? "POST" : method;
}

function makeableUrl(url: string): string {
  return url.startsWith("/") ? NO_HOST + url : url;
}

const UNMAKEABLE: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Stands in where the client named no host. */
const NO_HOST = "http://host.invalid";

function bodyOf(request: Request): ReadableStream<Uint8Array> | null {
  const { method } = request;
  // A server may show an empty one, which no `Request` is made with.
  if (method === "GET" || method === "HEAD") return null;
  const { body } = request;
  if (body === null) return null;
  if (request.bodyUsed || body.locked) throw new TypeError("the request's body was read before");
  return body;
}
