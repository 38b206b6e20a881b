/**
 * Requests that are nearly right, in great number: what reaches a backend of them can be read in one way only, by
 * a reader of its own, and neither that nor the answers depend on how the network cut the bytes.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { likelyRequests } from "../http1/likely-request.ts";
import { cut, places } from "../http1/pieces.ts";
import type { MemorySocket } from "../simulation/memory-sockets.ts";
import { type StrictRequest, strictRequests } from "./strict-requests.ts";
import { answer, statuses, VirtualFront } from "./virtual-front.ts";

/** What came of some bytes. */
interface Outcome {
  /** Requests that came to a backend whole. */
  readonly requests: readonly StrictRequest[];
  readonly statuses: readonly number[];
  /** Whether the client was told that nothing more comes. */
  readonly isOver: boolean;
}

/** Sends these pieces to a front whose backend answers at once. */
async function outcomeOf(pieces: readonly Uint8Array[]): Promise<Outcome> {
  const front = await VirtualFront.start({ retries: 0, statusPath: false });
  const client = front.client();
  const backends: { socket: MemorySocket; answered: number }[] = [];
  const requests: StrictRequest[] = [];
  const answerAll = () => {
    for (let isMore = true; isMore; ) {
      isMore = false;
      while (backends.length < front.dialled) backends.push({ socket: front.backend(), answered: 0 });
      for (const backend of backends) {
        const { requests: whole } = strictRequests(backend.socket.written);
        if (whole.length === backend.answered) continue;
        isMore = true;
        requests.push(...whole.slice(backend.answered));
        backend.answered = whole.length;
        const isHead = whole.at(-1)?.head.startsWith("HEAD ") === true;
        backend.socket.receive(isHead ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" : answer("ok"));
      }
    }
  };
  for (const piece of pieces) {
    expect(client.isPaused).toBe(false);
    client.receive(Buffer.from(piece).toString("latin1"));
    answerAll();
  }
  return { requests, statuses: statuses(client), isOver: client.isShut };
}

test("what is passed on can be read in one way, and depends on no cut", async () => {
  let passed = 0;
  let refused = 0;
  const property = fc.asyncProperty(likelyRequests, places, async (bytes, where) => {
    const whole = await outcomeOf([bytes]);
    passed += whole.requests.length;
    refused += whole.statuses.filter((status) => status >= 400).length;
    expect(await outcomeOf(cut(bytes, where))).toEqual(whole);
    // One answer for each request, and one more at most, for what is none.
    expect(whole.statuses.filter((status) => status === 200).length).toBe(whole.requests.length);
    expect(whole.statuses.length).toBeLessThanOrEqual(whole.requests.length + 1);
  });
  await fc.assert(property, { numRuns: 600 });
  // Or nothing was tested.
  expect(Math.min(passed, refused)).toBeGreaterThan(100);
});
