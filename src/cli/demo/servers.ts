import { createTestApp, type TestApp } from "../../test-server/app.ts";
import { startTestServer, type TestServer } from "../../test-server/server.ts";

/** The port that the first one would like, the next ones following. */
const FIRST_PORT = 8081;

/** A test server of the demo, which can be killed and revived as often as one likes. */
export class DemoServer {
  readonly name: string;
  readonly port: number;
  /** `http://localhost:8081`: what the balancer knows it by. */
  readonly url: string;
  readonly #app: TestApp;
  #server: TestServer | undefined;

  /** Starts it on the port, or on a free one if that is taken. */
  constructor(name: string, port: number) {
    this.#app = createTestApp({ name });
    const server = startOnPortOr(this.#app, name, port);
    this.#server = server;
    this.name = name;
    this.port = server.port;
    this.url = server.url;
  }

  /** True while it listens. */
  get isRunning(): boolean {
    return this.#server !== undefined;
  }

  /** Closes its listening socket and all its connections, as if its process had died. */
  kill(): void {
    this.#server?.kill();
    this.#server = undefined;
  }

  /**
   * Listens again where it did.
   *
   * @throws The runtime's error, `code` `EADDRINUSE`, if another program has taken the port meanwhile.
   */
  revive(): void {
    this.#server ??= startTestServer(this.#app, this.name, this.port);
  }
}

/** Starts the servers of the demo: `Server-1` and so on. */
export function startDemoServers(count: number): DemoServer[] {
  return Array.from(
    { length: count },
    (_, index) => new DemoServer(`Server-${index + 1}`, FIRST_PORT + index),
  );
}

function startOnPortOr(app: TestApp, name: string, port: number): TestServer {
  try {
    return startTestServer(app, name, port);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EADDRINUSE") throw error;
    return startTestServer(app, name, 0);
  }
}
