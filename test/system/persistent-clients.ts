import { ask, dial, readAnswer, request } from "../raw/client.ts";
import type { Wire } from "../raw/wire.ts";
import { until } from "../raw/within.ts";

/** A request that failed, and when it was sent and failed, as `performance.now` has it. */
export interface FailedRequest {
  readonly sentMs: number;
  readonly failedMs: number;
  readonly reason: string;
}

/**
 * Clients that GET one answer after another until they are told to stop: every second one on a connection for
 * each, the others on one that they keep for as long as the answers allow. They speak HTTP themselves, since a
 * client that hides failures by sending again would be no judge.
 */
export class PersistentClients {
  readonly failed: FailedRequest[] = [];
  answers = 0;
  readonly #url: string;
  readonly #path: string;
  readonly #loops: readonly Promise<void>[];
  #isOver = false;

  constructor(url: string, count: number, path = "/") {
    this.#url = url;
    this.#path = path;
    this.#loops = Array.from({ length: count }, (_, index) =>
      index % 2 === 0 ? this.#reconnect() : this.#keep(),
    );
  }

  /** Waits for so many more answers. */
  more(count: number): Promise<void> {
    const target = this.answers + count;
    return until(`${target} answers`, () => this.answers >= target, 20_000);
  }

  /** Lets each finish its last request. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
  }

  async #reconnect(): Promise<void> {
    const bytes = request("GET", this.#path, ["Connection: close"]);
    while (!this.#isOver) await this.#counted(() => ask(this.#url, bytes));
  }

  async #keep(): Promise<void> {
    let wire: Wire | undefined;
    while (!this.#isOver) {
      const isGood = await this.#counted(
        async () => {
          wire ??= await dial(this.#url);
          wire.send(request("GET", this.#path));
          return await readAnswer(wire, "GET");
        },
        (isLast) => {
          if (!isLast) return;
          wire?.destroy();
          wire = undefined;
        },
      );
      if (!isGood) {
        wire?.destroy();
        wire = undefined;
      }
    }
    wire?.destroy();
  }

  async #counted(
    get: () => ReturnType<typeof ask>,
    onAnswer: (isLast: boolean) => void = () => {},
  ): Promise<boolean> {
    const sentMs = performance.now();
    const failed = (reason: string) => {
      this.failed.push({ sentMs, failedMs: performance.now(), reason });
      return false;
    };
    try {
      const { head } = await get();
      onAnswer(/^connection: close$/im.test(head.raw));
      this.answers += 1;
      return head.status === 200 || failed(head.startLine);
    } catch (error) {
      return failed(error instanceof Error ? error.message : String(error));
    }
  }
}
