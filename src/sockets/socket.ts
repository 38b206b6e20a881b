/**
 * What a transport and a server need of byte connections, and no more; each runtime has its own way to give it.
 */

/** Where to connect to. */
export type Endpoint = TcpEndpoint | UnixEndpoint;

/** A Unix socket of this machine. */
export interface UnixEndpoint {
  /** Its absolute path. */
  readonly path: string;
}

/** A host, by TCP. */
export interface TcpEndpoint {
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

/** What is shown to clients, as PEM. HTTP/1.1 is all that is offered to them (ALPN, RFC 7301). */
export interface ServerTls {
  /** The certificate and its chain. */
  readonly cert: string;
  /** The key for it. */
  readonly key: string;
}

/** Where to listen, and how. */
export interface ListenAt {
  /** An address or name of this machine. Undefined for all interfaces and both families. */
  readonly hostname: string | undefined;
  /** 0 for one that is free. */
  readonly port: number;
  /** Undefined for plain TCP. */
  readonly tls: ServerTls | undefined;
  /**
   * Whether other processes of this user may listen on the same port (SO_REUSEPORT). Needs Linux, in Node its
   * version 23, and in Deno the flag `--unstable-net`, without which Deno ends the program. In an older Node the
   * port is this listener's alone.
   */
  readonly reusePort: boolean;
}

/** How long a connection that is probed has to be silent for it, in milliseconds. */
export const SILENCE_MS = 60_000;

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
  /**
   * True while it is connected as far as this side knows. It stays so after the other side has ended, which may
   * still be reading.
   */
  readonly isOpen: boolean;
  /**
   * The other side's address without brackets, IPv4 without an IPv6 prefix. "" if unknown, as it is of a
   * Unix socket, and of a connection that was lost before anybody asked.
   */
  readonly peerAddress: string;
  /** The other side's port. 0 if unknown. */
  readonly peerPort: number;
  /** Writes all of the bytes, which must not change afterwards. Only after `opened`, and not while full. */
  write(bytes: Uint8Array): Written;
  /** Writes the first `length` bytes of a buffer that will be used again at once: what is not taken is copied. */
  writeCopy(buffer: Uint8Array, length: number): Written;
  /** Reads no more, so that the sender is held up. A few bytes that were read already may still come. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /**
   * From now on has the system ask the other side, after each minute of silence, whether it is still there (TCP
   * keep-alive, RFC 9293 §3.8.4), and end the connection if nobody answers. In Deno it is asked as seldom as the
   * system does by itself: on Linux after two hours.
   */
  probeWhenSilent(): void;
  /** Whether the connection keeps the process from ending. */
  setWaiting(isWaiting: boolean): void;
  /** Sends nothing more but reads on (half-close): after what was written, the other side learns that it has everything. */
  shutdown(): void;
  /**
   * Closes in order: what was written still arrives. That may take as long as the other side likes; `destroy`
   * puts an end to it. If bytes came that were not read, TCP resets the connection, and what was written may be
   * lost (RFC 9112 §9.6): who cannot know that calls `shutdown` first and reads to the end.
   */
  close(): void;
  /**
   * Closes at once, and the other side learns of it at once: by a reset, except in Deno, which has none, and
   * except after `shutdown`.
   */
  destroy(): void;
}

/**
 * Who is told what happens on a socket. Never called from within `connect`. After `close` or `destroy` only
 * `closed` follows, maybe from within; after `closed` nothing.
 */
export interface SocketEvents {
  /** It is connected, and with TLS the handshake is done and the other side is who it should be. */
  opened(): void;
  /** Bytes came. They belong to the one who is told. */
  received(bytes: Uint8Array): void;
  /** More can be written again. May also come when nothing was held up. */
  drained(): void;
  /**
   * The other side sends nothing more. It can still be written to: whoever has nothing to write closes it. A
   * paused socket may learn of it only when it reads on.
   */
  ended(): void;
  /**
   * It is over: the last event of every socket.
   *
   * @param error Why, if the runtime says so.
   */
  closed(error: unknown): void;
}

/**
 * Called once for each connection that is accepted, at once; gives back who hears of it. `opened` follows before
 * anything else: without TLS directly, with TLS after the handshake, for which this sets no time limit. A failed
 * handshake is told by `closed`. Until `opened` the socket can be destroyed and nothing else. Must not throw.
 */
export type Accept = (socket: Socket) => SocketEvents;

/** What accepts connections. */
export interface ListeningSocket {
  readonly port: number;
  /** Its file descriptor. Undefined where the runtime does not tell, which is Deno and Node. */
  readonly fd: number | undefined;
  /** Takes no more connections; those that are there stay. */
  close(): void;
}

/** Makes sockets. */
export interface SocketFactory {
  /** Connects; what comes of it is told to `events`. */
  connect(endpoint: Endpoint, events: SocketEvents): Socket;
  /** Listens. Rejects with the runtime's error, whose `code` is `EADDRINUSE` if the port is taken. */
  listen(at: ListenAt, accept: Accept): Promise<ListeningSocket>;
}

/** Who hears of a socket that nobody has taken yet. */
export const NOBODY: SocketEvents = {
  opened() {},
  received() {},
  drained() {},
  ended() {},
  closed() {},
};
