import type { TestApp } from "./app.ts";

/** A test server that listens. */
export interface TestServer {
  readonly name: string;
  readonly port: number;
  /** `http://localhost:8081`. */
  readonly url: string;
  /** Ends it at once: its socket and every connection are closed, whatever is under way. */
  kill(): void;
}

/**
 * Listens for a test app on all interfaces. Nothing is cut for taking long, and no body is too large.
 *
 * @param port 0 for a free one.
 * @throws The runtime's error, whose `code` is `EADDRINUSE` if the port is taken.
 */
export function startTestServer(app: TestApp, name: string, port: number): TestServer {
  const server = Bun.serve({
    port,
    idleTimeout: 0,
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: app.fetch,
    error: (error) => new Response(`${name}: ${error.message}\n`, { status: 500 }),
  });
  const ownPort = server.port ?? port;
  return {
    name,
    port: ownPort,
    url: `http://localhost:${ownPort}`,
    kill: () => void server.stop(true),
  };
}
