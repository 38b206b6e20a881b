import type { Random } from "../core/random.ts";
import { changedRequest, copiedRequest } from "../proxy/changed-request.ts";
import type { ClientInfo } from "../proxy/client.ts";
import type { Forwarder } from "../proxy/forwarder.ts";
import { BROKEN_BODY, type Problem } from "../proxy/problem.ts";
import { letGo } from "../transport/let-go.ts";

/** The longest body that is copied, in bytes: it is in memory twice. */
const MOST_COPIED_BYTES = 65_536;

/** So many copies may be under way at once: a shadow that hangs must cost nobody else anything. */
const MOST_UNDER_WAY = 100;

/** So much of a copy's answer is read before its backend is let go of, in bytes. */
const MOST_READ_BYTES = 1_048_576;

/**
 * Sends copies of a share of the requests to another pool, and forgets them: nobody waits for their answers, and what
 * becomes of them is in that pool's counters alone. A request is not copied while too many copies are under way, or if
 * its body is long, or of a length that it does not say.
 */
export class Mirror {
  readonly #forwarder: Forwarder;
  readonly #percent: number;
  readonly #random: Random;
  #underWay = 0;

  constructor(forwarder: Forwarder, percent: number, random: Random) {
    this.#forwarder = forwarder;
    this.#percent = percent;
    this.#random = random;
  }

  /** How many copies are under way. */
  get underWay(): number {
    return this.#underWay;
  }

  /**
   * Sends a copy, if this is one of the requests that are copied.
   *
   * @returns The same request, whose body may have been read meanwhile; or what is wrong with that.
   */
  copied(request: Request, client: ClientInfo | undefined): Request | Promise<Request | Problem> {
    if (this.#underWay >= MOST_UNDER_WAY || this.#random.below(10_000) >= this.#percent * 100) return request;
    const hasBody = request.body !== null && request.method !== "GET" && request.method !== "HEAD";
    const said = request.headers.get("content-length");
    if (!hasBody || said === "0") {
      this.#send(copiedRequest(request, undefined), client);
      return request;
    }
    // Too long, or nobody knows how long: then it would have to be kept as long as the slower of both takes.
    if (said === null || !(Number(said) <= MOST_COPIED_BYTES)) return request;
    return this.#withBody(request, client);
  }

  async #withBody(request: Request, client: ClientInfo | undefined): Promise<Request | Problem> {
    let body: Uint8Array<ArrayBuffer>;
    try {
      body = new Uint8Array(await request.arrayBuffer());
    } catch {
      return BROKEN_BODY;
    }
    // Others may have been sent while it came.
    if (this.#underWay < MOST_UNDER_WAY) this.#send(copiedRequest(request, body), client);
    return changedRequest(request, { body: streamOf(body) });
  }

  /** The client's leaving does not end it: its backend is to see what the other one does. */
  #send(copy: Request, client: ClientInfo | undefined): void {
    this.#underWay += 1;
    void this.#forwarder
      .forward(copy, client === undefined ? undefined : { ...client })
      .then(async (answer) => {
        await readAndDrop(answer);
        this.#underWay -= 1;
      });
  }
}

function streamOf(body: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(body);
      controller.close();
    },
  });
}

/** Reads an answer to its end, so that its connection can be kept; one without an end is cut. Never rejects. */
async function readAndDrop({ body }: Response): Promise<void> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (let read = 0; read < MOST_READ_BYTES; ) {
      const { done, value } = await reader.read();
      if (done) return;
      read += value.byteLength;
    }
  } catch {
    // It broke: its pool has counted that, and nobody else is to know.
    return;
  }
  void letGo(reader);
}
