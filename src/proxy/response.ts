import { Outcome, outcomeOf } from "../core/outcome.ts";
import { letGo } from "../transport/let-go.ts";
import type { TransportFailure } from "../transport/transport.ts";
import type { Exchange } from "./exchange.ts";
import type { RequestBody } from "./request-body.ts";
import { CLIENT_GONE } from "./try.ts";

/**
 * The longest body, in bytes, that is passed on without being followed to its end. It fits the sockets'
 * buffers, so the backend is done with it about when its head arrives; following it would cost more
 * than all the rest of the request.
 */
const UNFOLLOWED_BYTES = 65_536;

/**
 * Turns a backend's answer into the client's: everything as it is, and the exchange ended when the body
 * does.
 *
 * @param method The request's, since the answer to a HEAD has no body whatever its length says.
 * @param content The request's body.
 * @param isFollowed Whether the transport tells when the answer's body is over.
 */
export function clientResponse(
  upstream: Response,
  exchange: Exchange,
  method: string,
  content: RequestBody,
  isFollowed: boolean,
): Response {
  exchange.answered();
  const { status, headers } = upstream;
  const outcome = outcomeOf(status);
  if (isFollowed) {
    exchange.endWithBody(outcome);
    return upstream;
  }
  const isUnfollowed = content.finished && !exchange.limitsAnswer && isShort(upstream);
  if (hasNoBody(status, method) || isUnfollowed || upstream.body === null) {
    exchange.end(outcome);
    return upstream;
  }
  const body = followToEnd(upstream.body, exchange, outcome);
  return new Response(body, { status, statusText: upstream.statusText, headers });
}

/** What is said of an exchange that this side stopped if nobody has said why. */
const STOPPED: TransportFailure = { outcome: Outcome.clientGone, message: "the exchange was stopped" };

function hasNoBody(status: number, method: string): boolean {
  return method === "HEAD" || status === 204 || status === 205 || status === 304;
}

function isShort(upstream: Response): boolean {
  const length = upstream.headers.get("content-length");
  return length !== null && Number(length) <= UNFOLLOWED_BYTES;
}

/** The same bytes, one chunk at a time as the client takes them, ending the exchange as they end. */
function followToEnd(
  body: ReadableStream<Uint8Array>,
  exchange: Exchange,
  outcome: Outcome,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  // Whoever takes it has not asked for any yet.
  exchange.bodyMoved(true);
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // Whoever does not read learns of it only by this, and cancels nothing any more.
        const stopped = () => {
          exchange.endFailed(STOPPED);
          controller.error(new Error(STOPPED.message));
          void letGo(reader);
        };
        const { signal } = exchange;
        if (signal.aborted) stopped();
        else signal.addEventListener("abort", stopped, { once: true });
      },
      async pull(controller) {
        try {
          exchange.bodyMoved(false);
          const { done, value } = await reader.read();
          exchange.bodyMoved(true);
          if (!done) {
            controller.enqueue(value);
            return;
          }
          exchange.end(outcome);
          controller.close();
        } catch (error) {
          // It also breaks when this side has ended the exchange, which is not the backend's doing.
          exchange.endFailed({ outcome: Outcome.bodyBroken, message: "the answer broke off" });
          controller.error(error);
        }
      },
      cancel(reason) {
        exchange.abort(CLIENT_GONE);
        exchange.end(Outcome.clientGone);
        return letGo(reader, reason);
      },
    },
    { highWaterMark: 0 },
  );
}
