import { until } from "../raw/within.ts";

/** A backend in the test's own process that holds requests for `/gate` until it is opened; all others it answers at once. */
export class Gate implements Disposable {
  readonly #server: Bun.Server<undefined>;
  readonly #opened = Promise.withResolvers<void>();
  #waiting = 0;

  constructor() {
    this.#server = Bun.serve({
      port: 0,
      idleTimeout: 0,
      fetch: async (request) => {
        if (!request.url.endsWith("/gate")) return new Response("at once\n");
        this.#waiting += 1;
        await this.#opened.promise;
        return new Response("through the gate\n");
      },
    });
  }

  get origin(): string {
    return `http://localhost:${this.#server.port}`;
  }

  /** Waits until so many requests stand before the gate. */
  reached(count: number): Promise<void> {
    return until(`${count} requests stand before the gate`, () => this.#waiting >= count);
  }

  /** Answers those who wait, and those who come. */
  open(): void {
    this.#opened.resolve();
  }

  [Symbol.dispose](): void {
    this.#server.stop(true);
  }
}
