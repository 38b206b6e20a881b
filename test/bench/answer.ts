import { request } from "node:http";
import { createServer } from "node:net";
import type { Running } from "./processes.ts";

/** Asking a server on the loopback interface one question, and waiting for one that is still starting. */

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly body: string;
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

/** One request on a connection of its own. Rejects if there is no whole answer. */
export function ask(port: number, path: string, { headers = {}, body }: Question = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "Content-Length": String(body.length) };
    const outgoing = request(
      {
        host: LOOPBACK,
        port,
        path,
        method: body === undefined ? "GET" : "POST",
        headers: { ...headers, ...length },
        agent: false,
        timeout: START_LIMIT_MS,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString("latin1") });
        });
      },
    );
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
export async function firstAnswer(server: Running, port: number, path: string): Promise<Answer> {
  const untilMs = performance.now() + START_LIMIT_MS;
  let last = "nothing yet";
  while (performance.now() < untilMs && !server.hasEnded()) {
    try {
      const answer = await ask(port, path);
      if (answer.status === 200) return answer;
      last = `status ${answer.status}`;
    } catch (error) {
      last = String(error);
    }
    await Bun.sleep(RETRY_MS);
  }
  throw new Error(`${server.name} does not answer (${last}). It said:\n${server.said()}`);
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
