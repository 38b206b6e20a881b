import { listenHttp1 } from "../../src/front/front.ts";
import { createLoadBalancer } from "../../src/load-balancer.ts";
import { runtimeSockets } from "../../src/sockets/index.ts";
import { systemClock } from "../../src/system.ts";
import { Http1Transport } from "../../src/transport/http1.ts";
import { RawBackend, type Script } from "../raw/backend.ts";
import { dial } from "../raw/client.ts";
import { until } from "../raw/within.ts";
import { SegmentedSockets, TOKEN } from "./segmented-sockets.ts";

/** What stands for a token in the bytes of a case. A token is as long, so that lengths stay what they are. */
const PLACE = /TOKEN/g;

/** A front in this process before one backend that records every byte, with sockets that cut what comes. */
export class HostileStage implements AsyncDisposable {
  readonly url: string;
  readonly backend: RawBackend;
  readonly sockets: SegmentedSockets;
  readonly #close: () => Promise<void>;
  #tokens = 0;

  private constructor(
    url: string,
    backend: RawBackend,
    sockets: SegmentedSockets,
    close: () => Promise<void>,
  ) {
    this.url = url;
    this.backend = backend;
    this.sockets = sockets;
    this.#close = close;
  }

  /** @param keepsConnections Whether one to the backend is used again. If not, what came on it is one request's. */
  static async start(script: Script, keepsConnections: boolean): Promise<HostileStage> {
    const backend = await RawBackend.listen(script);
    backend.records = true;
    const sockets = new SegmentedSockets(runtimeSockets());
    const transport = new Http1Transport(keepsConnections ? {} : { maxIdle: 0 }, systemClock, sockets);
    const config = { backends: [backend.url], healthCheck: false, retries: 0 } as const;
    const balancer = createLoadBalancer(config, { transport });
    const listener = await listenHttp1(balancer, { port: 0, hostname: "127.0.0.1" }, systemClock, sockets);
    return new HostileStage(listener.url, backend, sockets, async () => {
      await listener.close(0);
      await backend.close();
    });
  }

  /** A token that no other request has. */
  newToken(): string {
    return `k${(this.#tokens++).toString(36).padStart(4, "0")}`;
  }

  /**
   * Sends bytes on connections of their own, one for each way to cut them, all at once, and waits until they are
   * closed. `TOKEN` in the bytes becomes another one for each.
   */
  async send(bytes: string, ways: readonly (readonly number[])[]): Promise<Exchange[]> {
    this.backend.recordings.length = 0;
    const sent = await Promise.all(ways.map((cuts) => this.#sendOne(bytes, cuts)));
    await until("the backend's connections are closed", () => this.backend.wires.size === 0);
    const recorded = new Map<string, string[]>();
    for (const { text } of this.backend.recordings) {
      if (text === "") continue;
      const token = TOKEN.exec(text)?.[0] ?? "";
      recorded.set(token, [...(recorded.get(token) ?? []), text]);
    }
    const exchanges = sent.map(({ token, cuts, answers }) => {
      const seen = recorded.get(token) ?? [];
      recorded.delete(token);
      const back = (text: string) => text.replaceAll(token, "TOKEN");
      return { cuts, answers: back(answers), seen: seen.map(back) };
    });
    if (recorded.size > 0) throw new Error(`nobody sent ${JSON.stringify([...recorded.values()])}`);
    return exchanges;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  async #sendOne(bytes: string, cuts: readonly number[]) {
    const token = this.newToken();
    const wire = await dial(this.url);
    this.sockets.cutFrom(wire.socket.localPort ?? 0, cuts);
    wire.send(bytes.replace(PLACE, token));
    const answers = await wire.rest();
    wire.destroy();
    return { token, cuts, answers: answers.toString("latin1") };
  }
}

/** What came of some bytes. */
export interface Exchange {
  /** How they were cut. */
  readonly cuts: readonly number[];
  /** All that the client got until the end of its connection. */
  readonly answers: string;
  /** All that came to the backend for them, a text for each connection. */
  readonly seen: readonly string[];
}

/** What is added to a request for `lb.test` that comes from this machine. */
export const ADDED =
  "Via: 1.1 lb\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: lb.test\r\n";

/** The same if it came in HTTP/1.0. */
export const ADDED_FOR_OLD =
  "Via: 1.0 lb\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: lb.test\r\nX-Forwarded-Proto: http\r\n";

/**
 * Ways to cut so many bytes: not at all, in two at each place, and at every place at once.
 *
 * @param most At most this many places are tried, spread evenly.
 */
export function waysToCut(length: number, most = 128): number[][] {
  const places = Array.from({ length: length - 1 }, (_, index) => index + 1);
  const step = Math.max(1, places.length / most);
  const some = Array.from({ length: Math.ceil(places.length / step) }, (_, index) => [
    places[Math.floor(index * step)] as number,
  ]);
  // Byte by byte, as far as a slow client would bother.
  return [[], ...some, places.slice(0, 400)];
}

/** An answer among those that came on one connection. */
export interface Answered {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/**
 * Parts answers to requests of these methods that came one after another, interim ones apart. Throws if anything
 * is left over.
 */
export function answersIn(text: string, methods: readonly string[]): Answered[] {
  const answers: Answered[] = [];
  let rest = text;
  while (rest !== "") {
    const headEnd = rest.indexOf("\r\n\r\n");
    const head = rest.slice(0, headEnd);
    const status = Number(/^HTTP\/1\.1 (\d{3}) [^\r\n]*(?:\r\n|$)/.exec(head)?.[1]);
    if (headEnd < 0 || Number.isNaN(status)) throw new Error(`no answer: ${JSON.stringify(rest)}`);
    rest = rest.slice(headEnd + 4);
    if (status < 200) continue;
    const method = methods[answers.length];
    const isBare = method === "HEAD" || status === 204 || status === 304;
    const length = isBare ? 0 : bodyLength(head, rest);
    if (rest.length < length) throw new Error(`cut: ${JSON.stringify(text)}`);
    answers.push({ status, head, body: rest.slice(0, length) });
    rest = rest.slice(length);
  }
  return answers;
}

function bodyLength(head: string, rest: string): number {
  const length = /\r\ncontent-length: (\d+)(?:\r\n|$)/i.exec(head)?.[1];
  if (length !== undefined) return Number(length);
  if (/\r\ntransfer-encoding: chunked(?:\r\n|$)/i.test(head)) return rest.indexOf("0\r\n\r\n") + 5;
  return rest.length;
}
