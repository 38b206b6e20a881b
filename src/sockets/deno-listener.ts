import { onAllInterfaces } from "./address.ts";
import { type DenoConnection, type DenoListener, denoApi } from "./deno-api.ts";
import { DenoSocket } from "./deno-socket.ts";
import type { Accept, ListenAt, ListeningSocket } from "./socket.ts";

/** How long nothing is accepted after it failed, in milliseconds: a full table of descriptors needs time to empty. */
const ACCEPT_RETRY_MS = 10;

/**
 * Listens with `Deno.listen` or `Deno.listenTls`.
 *
 * @throws Deno's error if it cannot.
 */
export function denoListen({ hostname, port, tls, reusePort }: ListenAt, accept: Accept): ListeningSocket {
  const deno = denoApi();
  const listener = onAllInterfaces((at) => {
    const where = { hostname: at, port, reusePort };
    return tls === undefined
      ? deno.listen(where)
      : deno.listenTls({ ...where, ...tls, alpnProtocols: ["http/1.1"] });
  }, hostname);
  const listening = new DenoListening(listener);
  void listening.acceptAll(accept);
  return listening;
}

class DenoListening implements ListeningSocket {
  readonly fd = undefined;
  readonly #listener: DenoListener;
  #isClosed = false;

  constructor(listener: DenoListener) {
    this.#listener = listener;
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
  }

  async acceptAll(accept: Accept): Promise<void> {
    while (!this.#isClosed) {
      const connection = await this.#acceptOne();
      if (connection !== undefined) DenoSocket.accept(connection, accept);
    }
  }

  async #acceptOne(): Promise<DenoConnection | undefined> {
    try {
      const connection = await this.#listener.accept();
      connection.setNoDelay?.(true);
      return connection;
    } catch {
      // Closed, or one connection that did not come about: those that come after it must not suffer.
      if (!this.#isClosed) await new Promise((resolve) => setTimeout(resolve, ACCEPT_RETRY_MS));
      return undefined;
    }
  }
}
