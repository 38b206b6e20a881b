import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type Head, Wire } from "./wire.ts";
import { until } from "./within.ts";

/** A request as a backend saw it. */
export interface Seen {
  readonly head: Head;
  /** The connection it came on: to read its body from and to answer on. */
  readonly wire: Wire;
  /** Which request of its connection it is, from 0. */
  readonly turn: number;
}

/** What a backend does with a request: reads the body if it likes, and writes bytes. */
export type Script = (seen: Seen) => void | Promise<void>;

/** Reads the body to its end and gives an empty 200, so that the connection can be used again. */
export const answerOk: Script = async ({ head, wire }) => {
  await wire.body(head);
  wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
};

/** Reads the body to its end and answers with these bytes. */
export function answerBytes(bytes: string | Uint8Array): Script {
  return async ({ head, wire }) => {
    await wire.body(head);
    wire.send(bytes);
  };
}

/** All that came on one connection, byte for byte. */
export class Recording {
  readonly #parts: Buffer[] = [];

  constructor(socket: Socket) {
    socket.on("data", (bytes: Buffer) => this.#parts.push(bytes));
  }

  /** What came so far, as latin-1. */
  get text(): string {
    return Buffer.concat(this.#parts).toString("latin1");
  }
}

/** A backend on a raw socket, which records what it is sent, byte for byte, and answers what it is told to. */
export class RawBackend {
  /** What it does with the next request. */
  script: Script;
  /** Every request so far. */
  readonly seen: Seen[] = [];
  /** Open connections. */
  readonly wires = new Set<Wire>();
  /** Whether it keeps what comes on connections from now on, in `recordings`. */
  records = false;
  /** One for each connection that was accepted while it `records`. */
  readonly recordings: Recording[] = [];
  readonly port: number;
  readonly #server: Server;
  readonly #failures: unknown[] = [];

  private constructor(server: Server, script: Script) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.script = script;
  }

  /**
   * Listens on 127.0.0.1.
   *
   * @param allowHalfOpen Whether it can still write when the other side has ended. Default false: it ends too.
   */
  static async listen(script: Script = answerOk, port = 0, allowHalfOpen = false): Promise<RawBackend> {
    const server = createServer({ allowHalfOpen });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    const backend = new RawBackend(server, script);
    server.on("connection", (socket) => void backend.#serve(socket));
    return backend;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The requests with this method, or on this path: health checks and others can be told apart. */
  where(what: { method?: string; target?: string }): Seen[] {
    return this.seen.filter(
      ({ head }) =>
        (what.method === undefined || head.method === what.method) &&
        (what.target === undefined || head.target === what.target),
    );
  }

  /** Waits for a request beyond the first `count`. */
  async nextAfter(count: number): Promise<Seen> {
    await until(`request ${count + 1} came`, () => this.seen.length > count);
    return this.seen[count] as Seen;
  }

  /** Stops listening and closes every connection. Throws what a script threw. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const wire of this.wires) wire.destroy();
    await closed;
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  async #serve(socket: Socket): Promise<void> {
    if (this.records) this.recordings.push(new Recording(socket));
    const wire = new Wire(socket);
    this.wires.add(wire);
    socket.once("close", () => this.wires.delete(wire));
    try {
      for (let turn = 0; ; turn++) {
        const head = await wire.head(120_000);
        const seen = { head, wire, turn };
        this.seen.push(seen);
        await this.script(seen);
      }
    } catch (error) {
      // A peer that leaves is what many tests are about; a script that is wrong must be heard of.
      if (!(error instanceof Error && error.name === "Cut")) this.#failures.push(error);
    }
  }
}

/** Ports below those that a system gives out by itself: Linux begins at 32,768, others at 49,152. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;

/**
 * A port of 127.0.0.1 that nothing listens on: connecting is refused. It is one that nobody is given who asks for
 * any, such as the balancer that is then told to connect to it.
 */
export async function refusedPort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const backend = await RawBackend.listen(answerOk, port).catch(() => undefined);
    // Somebody listens there.
    if (backend === undefined) continue;
    await backend.close();
    return port;
  }
  throw new Error("no port is free");
}
