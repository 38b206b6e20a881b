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

const NONE: readonly string[] = [];

/** A request made by `changedRequest`, for those who forward it. */
export class ChangedRequest extends Request {
  /** Fields, in lower case, that the config has set. */
  readonly vouched: readonly string[];
  /** The `Host` that the client sent; null if none. */
  readonly clientHost: string | null;
  readonly #client: Request;
  readonly #method: string;
  readonly #url: string;

  /** As `changedRequest`. */
  constructor(request: Request, change: RequestChange) {
    const { url = request.url, headers = request.headers, vouched } = change;
    const body = change.body ?? bodyOf(request);
    const { method } = request;
    // Some methods a `Request` is not made with, but a server may have made one (Fetch §2.2.1).
    const init = { method: UNMAKEABLE.has(method) ? "POST" : method, headers, body, duplex: "half" };
    super(url.startsWith("/") ? NO_HOST + url : url, init as RequestInit);
    this.#method = method;
    this.#url = url;
    const before = request instanceof ChangedRequest ? request : undefined;
    this.#client = before === undefined ? request : before.#client;
    this.clientHost = before === undefined ? request.headers.get("host") : before.clientHost;
    this.vouched = joined(before?.vouched ?? NONE, vouched ?? NONE);
  }

  override get method(): string {
    return this.#method;
  }

  override get url(): string {
    return this.#url;
  }

  /** Not made but when somebody asks for it: most requests are over before anyone does. */
  override get signal(): AbortSignal {
    return this.#client.signal;
  }
}

/**
 * Makes a request that was made of another by `new Request` follow its client's leaving too, which it does in some
 * runtimes only. Its own signal still counts.
 *
 * @returns The same request.
 */
export function followingClient(request: Request, client: Request): Request {
  if (request === client || request instanceof ChangedRequest) return request;
  let both: AbortSignal | undefined;
  Object.defineProperty(request, "signal", {
    configurable: true,
    get: () => {
      both ??= AbortSignal.any([
        Reflect.get(Object.getPrototypeOf(request), "signal", request),
        client.signal,
      ]);
      return both;
    },
  });
  return request;
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

/** The `Host` that the client itself asked for, whatever the config has made of it; null if none. */
export function clientHost(request: Request): string | null {
  return request instanceof ChangedRequest ? request.clientHost : request.headers.get("host");
}

function joined(before: readonly string[], added: readonly string[]): readonly string[] {
  if (before.length === 0) return added;
  return added.length === 0 ? before : [...before, ...added];
}
