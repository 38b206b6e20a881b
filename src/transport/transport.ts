import type { Backend } from "../core/backend.ts";
import type { Outcome } from "../core/outcome.ts";

/** Told of one field, as `Headers.forEach` tells it. */
export type FieldVisitor = (value: string, name: string) => void;

/** What a `Response` can be made of. By another name than `BodyInit`, which not every set of types has. */
export type OutboundBody = NonNullable<ConstructorParameters<typeof Response>[0]>;

/** A request as it leaves for a backend: everything decided, nothing added on the way. */
export interface OutboundRequest {
  readonly method: string;
  /** Path and query as the client sent them: begins with a slash. */
  readonly target: string;
  /**
   * End-to-end fields, `host` among them. Made when it is first looked at; not changed by sending, and used
   * again for the next try.
   */
  readonly headers: Headers;
  /** The same, one by one, without making `Headers` of them first. Names are in lower case. */
  eachField(visit: FieldVisitor): void;
  /** The `Content-Length` among them; -1 if there is none. */
  readonly announcedBytes: number;
  /** The body from its first byte; null if there is none. A new one for each try. */
  body(): OutboundBody | null;
  /** Whether repeating the request is harmless (RFC 9110 §9.2.2). */
  readonly idempotent: boolean;
}

/** What a transport shares with whoever wants something sent. An `AbortController` will do. */
export interface ExchangeHooks {
  /**
   * Aborts the exchange, also while the answer's body streams. It is made when it is first looked at: a
   * transport that waits with that until an exchange lasts longer than most spares most of them one.
   */
  readonly signal: AbortSignal;
  /**
   * Called by a transport that `followsBodies`, once for each answer, when its body is over.
   *
   * @param outcome `ok`, `bodyBroken`, or `clientGone` if the reader wanted no more. May come before the
   *   promise of the answer has told anybody.
   */
  bodyEnded?(outcome: Outcome): void;
  /**
   * Called by a transport that `followsBodies` whenever more of an answer's body came, or its reader took some.
   *
   * @param isHeldUp Whether no more can come before its reader takes some.
   */
  bodyMoved?(isHeldUp: boolean): void;
}

/** How requests reach backends. */
export interface Transport {
  readonly name: string;
  /** Whether it tells `bodyEnded`; if not, whoever needs to know has to follow the bodies. Default false. */
  readonly followsBodies?: boolean;
  /** Whether it goes by what a backend has of its own in `tls`. Default false. */
  readonly knowsIdentities?: boolean;
  /**
   * Sends the request and waits for the head of the final answer. The answer has end-to-end fields only, and
   * the caller may change them; its body is undecoded and streams as it is read. Redirects are answers like any other.
   *
   * Rejects with anything, which `failure` reads: an exchange that goes well pays for no translation.
   *
   */
  send(backend: Backend, outbound: OutboundRequest, hooks: ExchangeHooks): Promise<Response>;
  /** What it meant that `send` rejected. */
  failure(error: unknown): TransportFailure;
}

/** Why no answer came. */
export interface TransportFailure {
  /** With `connectFailed` the request was surely not sent; with any other it may have been processed. */
  readonly outcome: Outcome;
  /** In words, for a log: `connection refused`. */
  readonly message: string;
}
