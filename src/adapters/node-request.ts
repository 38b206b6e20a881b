import type { IncomingMessage, ServerResponse } from "node:http";

/** Methods that a `Request` refuses to be made with (Fetch §2.2.1), and this one is to show all the same. */
const UNMAKEABLE = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Stands in where the client named no host: a `Request` cannot be made without one. */
const NO_HOST = "http://host.invalid/";

/**
 * A message of `node:http` as a `Request`.
 *
 * It differs from one made with `new Request` in three ways. Its `url` holds the path and query byte for byte
 * as they came, where a parser would resolve dot segments; without a `Host` it is the target alone. Its
 * `method` may be one of those that Fetch forbids. Its `signal` is made when it is first looked at, since
 * most requests are over before anyone does.
 *
 * @throws TypeError if the target and `Host` do not make a URL.
 */
export class NodeRequest extends Request {
  readonly #method: string;
  readonly #url: string;
  readonly #response: ServerResponse;
  #signal: AbortSignal | undefined;

  /** @param response The answer to the same message: when it closes early, the client has left. */
  constructor(incoming: IncomingMessage, response: ServerResponse) {
    const { method = "GET" } = incoming;
    const url = urlOf(incoming);
    const body = method === "GET" || method === "HEAD" ? null : bodyOf(incoming, response);
    const init = {
      method: UNMAKEABLE.has(method) ? "POST" : method,
      headers: headersOf(incoming),
      body,
      duplex: "half",
    } as RequestInit;
    super(url.startsWith("/") ? NO_HOST : url, init);
    this.#method = method;
    this.#url = url;
    this.#response = response;
  }

  override get method(): string {
    return this.#method;
  }

  override get url(): string {
    return this.#url;
  }

  override get signal(): AbortSignal {
    this.#signal ??= signalOf(this.#response);
    return this.#signal;
  }
}

/** Aborted when the client leaves before the end of its answer. */
function signalOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const onClose = () => {
    if (!response.writableFinished) controller.abort();
  };
  if (response.closed || response.destroyed) onClose();
  else response.once("close", onClose);
  return controller.signal;
}

function urlOf(incoming: IncomingMessage): string {
  const { url: target = "/", headers } = incoming;
  // An absolute target says more than Host does (RFC 9112 §3.2.2).
  if (!target.startsWith("/")) return target;
  const scheme = "encrypted" in incoming.socket ? "https" : "http";
  return headers.host === undefined ? target : `${scheme}://${headers.host}${target}`;
}

/** The fields as they came, repeated ones too: Node's own `headers` drops some. */
function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  const { rawHeaders } = incoming;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] as string, rawHeaders[index + 1] as string);
  }
  const { url: target = "/" } = incoming;
  if (!target.startsWith("/")) headers.set("host", new URL(target).host);
  return headers;
}

function bodyOf(incoming: IncomingMessage, response: ServerResponse): ReadableStream<Uint8Array> | null {
  const { "content-length": length, "transfer-encoding": coding } = incoming.headers;
  if (coding === undefined && (length === undefined || length === "0")) return null;
  return new ReadableStream(new IncomingBody(incoming, response), { highWaterMark: 0 });
}

/** A message's body, read from the socket only as fast as it is taken. */
class IncomingBody implements UnderlyingDefaultSource<Uint8Array> {
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  #isOver = false;

  /** @param response When it is over, nobody wants what is left of the body. */
  constructor(incoming: IncomingMessage, response: ServerResponse) {
    this.#incoming = incoming;
    this.#response = response;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const incoming = this.#incoming;
    const fail = (error: Error) => {
      if (this.#isOver) return;
      this.#isOver = true;
      controller.error(error);
    };
    if (incoming.readableDidRead) {
      fail(new TypeError("the request's body was read before it came here"));
      return;
    }
    incoming.on("data", (chunk: Uint8Array<ArrayBuffer>) => {
      if (this.#isOver) return;
      incoming.pause();
      controller.enqueue(chunk);
    });
    incoming.once("end", () => {
      if (this.#isOver) return;
      this.#isOver = true;
      controller.close();
    });
    incoming.once("error", fail);
    incoming.once("close", () => fail(new Error("the client left before the end of its request")));
    this.#response.once("finish", () => {
      fail(new Error("the answer is over"));
      incoming.resume();
    });
    incoming.pause();
  }

  pull(): void {
    this.#incoming.resume();
  }

  /** Nobody wants the rest: it is read and dropped, so that the connection's next request is reached. */
  cancel(): void {
    this.#isOver = true;
    this.#incoming.resume();
  }
}
