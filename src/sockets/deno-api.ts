/** The part of Deno that is used for sockets. */
export interface DenoApi {
  connect(
    options: { hostname: string; port: number } | { transport: "unix"; path: string },
  ): Promise<DenoConnection>;
  connectTls(options: DenoTlsOptions & { port: number }): Promise<DenoConnection>;
  startTls(connection: DenoConnection, options: DenoTlsOptions): Promise<DenoConnection>;
  listen(options: DenoListenOptions): DenoListener;
  listenTls(
    options: DenoListenOptions & { cert: string; key: string; alpnProtocols: string[] },
  ): DenoListener;
}

/** How the other side of a connection is checked. */
export interface DenoTlsOptions {
  hostname: string;
  caCerts?: string[];
  cert?: string;
  key?: string;
}

/** Where to listen. */
export interface DenoListenOptions {
  hostname: string;
  port: number;
  reusePort: boolean;
}

/** What accepts connections. */
export interface DenoListener {
  readonly addr: { readonly port: number };
  /** With TLS, the handshake of what it gives is still to be done. */
  accept(): Promise<DenoConnection>;
  close(): void;
}

/** A connection, with or without TLS. */
export interface DenoConnection {
  /** A Unix socket's has neither. */
  readonly remoteAddr: { readonly hostname?: string; readonly port?: number };
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  /** With TLS, ends only when it is done. */
  handshake?(): Promise<unknown>;
  setNoDelay?(noDelay: boolean): void;
  /** Not there with TLS. */
  setKeepAlive?(keepAlive: boolean): void;
  ref(): void;
  unref(): void;
  close(): void;
}

/** Deno itself, where this runs in it. */
export function denoApi(): DenoApi {
  return (globalThis as unknown as { Deno: DenoApi }).Deno;
}
