/** What the adapter knows of the client that a `Request` does not say. */
export interface ClientInfo {
  /** The peer's IP address, without brackets or port. */
  readonly address: string;
  /** The peer's port; 0 if the runtime does not tell. */
  readonly port: number;
  /** Whether the client's connection is TLS. */
  readonly tls: boolean;
  /** As in `Via` (RFC 9110 §7.6.3): `1.0`, `1.1`, `2` or `3`. */
  readonly protocol: string;
  /** Tells the adapter that this exchange takes its time: no idle time-out may cut it. Called at most once. */
  hold?(): void;
  /** Takes `hold` back when the exchange is over. */
  release?(): void;
}

/** Answers a request; never rejects. `client` is undefined where nobody knows, as in another framework's route. */
export type Handler = (request: Request, client?: ClientInfo) => Promise<Response>;
