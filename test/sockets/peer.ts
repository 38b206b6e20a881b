import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { within } from "../raw/within.ts";

/** The connecting side of the contract: a socket of Node's interface, which is read when it is told to. */
export class Peer {
  readonly socket: Socket;
  /** Resolves when it is closed, with the code of the error that closed it, or "". */
  readonly closed: Promise<string>;
  readonly #parts: Buffer[] = [];
  readonly #ended: Promise<void>;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    let code = "";
    socket.on("error", (error: NodeJS.ErrnoException) => {
      code = error.code ?? error.message;
    });
    socket.on("data", (bytes: Buffer) => {
      this.#parts.push(bytes);
      this.#wake?.();
    });
    this.closed = new Promise((resolve) => socket.once("close", () => resolve(code)));
    this.#ended = new Promise((resolve) => {
      socket.once("end", resolve);
      socket.once("close", () => resolve());
    });
  }

  /** Connects to a port of this machine, with TLS if the authority is given. */
  static async dial(port: number, ca?: string, host = "127.0.0.1"): Promise<Peer> {
    const half = { port, host, allowHalfOpen: true };
    const socket =
      ca === undefined
        ? connect(half)
        : connectTls({ ...half, ca, servername: "lb.test", ALPNProtocols: ["h2", "http/1.1"] });
    const peer = new Peer(socket);
    const opened = new Promise<void>((resolve) =>
      socket.once(ca === undefined ? "connect" : "secureConnect", resolve),
    );
    const failed = peer.closed.then((code) => Promise.reject(new Error(`not connected: ${code}`)));
    await within(5_000, "a connection", Promise.race([opened, failed]));
    return peer;
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString("latin1");
  }

  /** Waits until so many bytes came in all. */
  async has(length: number): Promise<void> {
    const enough = () => this.#parts.reduce((sum, part) => sum + part.length, 0) >= length;
    while (!enough()) {
      const more = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await within(10_000, `${length} bytes`, more);
    }
  }

  /** Waits until the other side has ended, or the connection, and gives everything that came. */
  async whole(): Promise<Buffer> {
    await within(20_000, "the end", this.#ended);
    return Buffer.concat(this.#parts);
  }

  /** How the connection ended: the code of the error, or "". */
  async end(): Promise<string> {
    return within(10_000, "the connection's close", this.closed);
  }
}
