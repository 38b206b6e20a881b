import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { createServer } from "node:net";
import type { Running } from "./processes.ts";
import type { Tls } from "./tls.ts";

/** Asking a server on the loopback interface one question, and waiting for one that is still starting. */

/** Where a server is. */
export interface Server {
  /** Where it listens on 127.0.0.1. */
  readonly port: number;
  /** What it takes to speak to it; undefined if it speaks plain HTTP. */
  readonly tls?: Tls | undefined;
}

/** A whole answer. */
export interface Answer {
  readonly status: number;
  /** By their names in lower case; of several fields of one name, all in one text. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Whether the server says that the connection ends with this answer. */
  readonly isLast: boolean;
}

const LOOPBACK = "127.0.0.1";
const START_LIMIT_MS = 10_000;
/** Short against any start that is measured, long enough to leave the core to others. */
const RETRY_MS = 1;

/** What is sent with a question: headers, and the body of a POST. */
export interface Question {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request, on a connection that ends with it. Rejects if there is no whole answer. */
export function ask({ port, tls }: Server, path: string, { headers = {}, body }: Question = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const length = body === undefined ? {} : { "Content-Length": String(body.length) };
    const options = {
      host: LOOPBACK,
      port,
      path,
      method: body === undefined ? "GET" : "POST",
      headers: { ...headers, ...length, Connection: "close" },
      agent: false as const,
      timeout: START_LIMIT_MS,
    };
    const outgoing = tls === undefined ? plainRequest(options) : tlsRequest({ ...options, ca: tls.cert });
    outgoing.on("response", (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        resolve({
          status: incoming.statusCode ?? 0,
          headers: new Map(
            Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const),
          ),
          body: Buffer.concat(chunks).toString("latin1"),
          isLast: incoming.headers.connection?.toLowerCase() === "close",
        });
      });
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in time")));
    outgoing.on("error", reject);
    outgoing.end(body, "latin1");
  });
}

/**
 * Asks until the answer is 200, and returns it.
 *
 * @throws Error with what the process said, if it ends or takes too long.
 */
export async function firstAnswer(process: Running, server: Server, path: string): Promise<Answer> {
  const untilMs = performance.now() + START_LIMIT_MS;
  let last = "nothing yet";
  while (performance.now() < untilMs && !process.hasEnded()) {
    try {
      const answer = await ask(server, path);
      if (answer.status === 200) return answer;
      last = `status ${answer.status}`;
    } catch (error) {
      last = String(error);
    }
    await Bun.sleep(RETRY_MS);
  }
  throw new Error(`${process.name} does not answer (${last}). It said:\n${process.said()}`);
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, LOOPBACK, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
