import type { ServerResponse } from "node:http";

const NOTHING = new Uint8Array(0);

/**
 * Writes a `Response` to `node:http`: the head at once, whether or not there is a body yet, the body as fast
 * as the client takes it. A body that breaks breaks the connection, so that nobody takes it for whole; a
 * client that leaves cancels the body.
 */
export async function writeResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  const { status, statusText, body } = response;
  // An empty reason is Node's cue to write the usual one.
  outgoing.writeHead(status, statusText === "" ? undefined : statusText, flatHeaders(response.headers));
  if (body === null || outgoing.req.method === "HEAD") {
    // Nobody reads the body of an answer to HEAD, but what it came from is to be let go of.
    await body?.cancel();
    outgoing.end();
    return;
  }
  // Not `flushHeaders`, which writes them as UTF-8: header values are bytes (RFC 9110 §5.5), here as latin-1.
  outgoing.write(NOTHING);
  await writeBody(body, outgoing);
}

/** Name, value, name, value: the form in which Node writes every field as it is. */
function flatHeaders(headers: Headers): string[] {
  const flat: string[] = [];
  for (const [name, value] of headers) flat.push(name, value);
  return flat;
}

async function writeBody(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader();
  const taken = new Taken(outgoing, () => reader.cancel(new Error("the client left")));
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (outgoing.destroyed) return;
      if (done) break;
      if (!outgoing.write(value)) await taken.drained();
    }
    outgoing.end();
  } catch {
    // The one way left to tell the client: its answer breaks off.
    outgoing.destroy();
  }
}

/** Waits until the client has taken what was written, or has left. */
class Taken {
  readonly #outgoing: ServerResponse;
  #resume: (() => void) | undefined;

  /** @param onLeft Called if the client leaves before the end of its answer. */
  constructor(outgoing: ServerResponse, onLeft: () => Promise<void>) {
    this.#outgoing = outgoing;
    const resume = () => {
      this.#resume?.();
      this.#resume = undefined;
    };
    outgoing.on("drain", resume);
    const closed = () => {
      // The body may have broken already; whoever made it knows.
      if (!outgoing.writableFinished) onLeft().catch(() => {});
      resume();
    };
    if (outgoing.destroyed) closed();
    else outgoing.once("close", closed);
  }

  async drained(): Promise<void> {
    if (this.#outgoing.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#resume = resolve;
    });
  }
}
