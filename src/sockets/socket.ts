/** What a transport needs of a byte connection, and no more; each runtime has its own way to give it. */

/** Where to connect to. */
export interface Endpoint {
  /** A name or an address, without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Undefined for plain TCP. */
  readonly tls: TlsSettings | undefined;
}

/** How the other side is checked, and what this side shows of itself. */
export interface TlsSettings {
  /** The name that is asked for (SNI, RFC 6066 §3) and that the certificate must be for. */
  readonly serverName: string;
  /** The authorities that are believed instead of the system's, as PEM. */
  readonly ca: string | undefined;
  /** This side's certificate and its chain, as PEM. */
  readonly cert: string | undefined;
  /** The key for it, as PEM. */
  readonly key: string | undefined;
  /** False believes any certificate. */
  readonly verify: boolean;
}

/** What became of bytes that were to be written. */
export const Written = {
  /** They are on their way, and more may follow. */
  taken: 0,
  /** They are on their way, but nothing more may follow before `drained`. */
  full: 1,
  /** The connection is gone, and none of them left. */
  none: 2,
} as const;

/** One of the numbers in the table of the same name. */
export type Written = (typeof Written)[keyof typeof Written];

/** One end of a connection. */
export interface Socket {
  /** True while it is connected as far as this side knows. */
  readonly isOpen: boolean;
  /** Writes all of the bytes, which must not change afterwards. Only after `opened`, and not while full. */
  write(bytes: Uint8Array): Written;
  /** Reads no more, so that the sender is held up. A few bytes that were read already may still come. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /** Whether the connection keeps the process from ending. */
  setWaiting(isWaiting: boolean): void;
  /** Closes in order: what was written still arrives. */
  close(): void;
  /** Closes at once, and the other side learns of it at once. */
  destroy(): void;
}

/** Who is told what happens on a socket. Never called from within `connect`, and no more after `closed`. */
export interface SocketEvents {
  /** It is connected, and with TLS the other side is who it should be. */
  opened(): void;
  /** Bytes came. They belong to the one who is told. */
  received(bytes: Uint8Array): void;
  /** More can be written again. May also come when nothing was held up. */
  drained(): void;
  /** The other side sends nothing more. */
  ended(): void;
  /**
   * It is over: the last event of every socket.
   *
   * @param error Why, if the runtime says so.
   */
  closed(error: unknown): void;
}

/** Makes sockets. */
export interface SocketFactory {
  /** Connects; what comes of it is told to `events`. */
  connect(endpoint: Endpoint, events: SocketEvents): Socket;
}
