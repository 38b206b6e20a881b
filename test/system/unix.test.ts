import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask, request } from "../raw/client.ts";
import { Program } from "./program.ts";
import { listeningUrl } from "./stage.ts";

/** A backend on a Unix socket, and what each request said of where it goes. */
class UnixBackend implements AsyncDisposable {
  readonly origin: string;
  readonly seen: { target: string; host: string }[] = [];
  readonly #folder: string;
  readonly #server = createServer((incoming, outgoing) => {
    this.seen.push({ target: incoming.url ?? "", host: incoming.headers.host ?? "" });
    outgoing.end("by a Unix socket");
  });

  private constructor(folder: string) {
    this.#folder = folder;
    this.origin = `unix:${join(folder, "app.sock")}`;
  }

  static async listen(): Promise<UnixBackend> {
    const backend = new UnixBackend(await mkdtemp(join(tmpdir(), "lb-unix-")));
    await new Promise<void>((done) => backend.#server.listen(backend.origin.slice("unix:".length), done));
    return backend;
  }

  /** Closes every connection; the socket's file goes with it. */
  async close(): Promise<void> {
    const closed = new Promise<void>((done) => this.#server.close(() => done()));
    this.#server.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.close();
    await rm(this.#folder, { recursive: true });
  }
}

for (const transport of ["http1", "fetch"]) {
  test(`a backend on a Unix socket is checked, served and watched with ${transport}`, async () => {
    await using backend = await UnixBackend.listen();
    await using server = new Program(["test-server", "--port", "0", "--name", "Server-1"]);
    const other = await listeningUrl(server);
    await using balancer = new Program([
      "--port",
      "0",
      "--backends",
      `${backend.origin};weight=3,${other}`,
      "--transport",
      transport,
      "--health-check-interval",
      "50ms",
    ]);
    const url = await listeningUrl(balancer);
    for (const origin of [backend.origin, other]) await balancer.wrote(new RegExp(`${origin} is up`));
    expect(backend.seen[0]).toEqual({ target: "/health", host: "localhost" });

    const target = "/a/b?c=%20d";
    let byUnix = 0;
    for (let count = 0; count < 8; count++) {
      const { head, body } = await ask(url, request("GET", target));
      if (body.toString() === "by a Unix socket") byUnix += 1;
      else expect(head.field("x-server")).toBe("Server-1");
    }
    expect(byUnix).toBe(6);
    const requests = backend.seen.filter(({ target }) => target !== "/health");
    expect(requests).toEqual(Array.from({ length: 6 }, () => ({ target, host: "lb.test" })));

    const status = (await (await fetch(`${url}/lb-status`)).json()) as { backends: object[] };
    expect(status.backends[0]).toMatchObject({ url: backend.origin, alive: true, weight: 3, requests: 6 });

    await backend.close();
    const [, reason] = await balancer.wrote(new RegExp(`${backend.origin} is down: ([^\n]*)`));
    expect(reason).toContain("no such socket");
    expect((await ask(url, request("GET", target))).head.field("x-server")).toBe("Server-1");
  });
}
