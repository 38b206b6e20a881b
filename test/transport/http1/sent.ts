import { Backend } from "../../../src/core/backend.ts";
import type { Outcome } from "../../../src/core/outcome.ts";
import type { Http1Options } from "../../../src/transport/http1/settings.ts";
import { type Http1Transport, http1Transport } from "../../../src/transport/http1.ts";
import type { OutboundRequest } from "../../../src/transport/transport.ts";
import { RawBackend, type Script } from "../../raw/backend.ts";

const IDEMPOTENT = new Set(["GET", "HEAD", "PUT", "DELETE"]);

/** A request with a `Host`. */
export function outbound(
  method: string,
  target = "/",
  body: BodyInit | null = null,
  headers: Record<string, string> = {},
): OutboundRequest {
  return {
    method,
    target,
    headers: new Headers({ host: "lb.test", ...headers }),
    body: () => body,
    idempotent: IDEMPOTENT.has(method),
  };
}

/** The backend of an origin. */
export function backendAt(origin: string): Backend {
  return new Backend({ origin, weight: 1, tier: 0 });
}

/** A signal that nobody aborts. */
export const UNTROUBLED = new AbortController().signal;

/** A transport before one raw backend. */
export class Way {
  readonly transport: Http1Transport;
  readonly raw: RawBackend;
  readonly backend: Backend;

  private constructor(raw: RawBackend, options: Http1Options) {
    this.raw = raw;
    this.transport = http1Transport(options);
    this.backend = backendAt(raw.url);
  }

  /** Sets both up for as long as `use` takes. */
  static async with(
    script: Script | undefined,
    options: Http1Options,
    use: (way: Way) => Promise<void>,
  ): Promise<void> {
    const raw = await RawBackend.listen(script);
    try {
      await use(new Way(raw, options));
    } finally {
      await raw.close();
    }
  }

  send(request: OutboundRequest, signal: AbortSignal = UNTROUBLED): Promise<Response> {
    return this.transport.send(this.backend, request, { signal });
  }

  get(target = "/"): Promise<Response> {
    return this.send(outbound("GET", target));
  }

  get state() {
    return this.transport.state(this.backend);
  }

  /** What it came to that a request failed. Throws if it did not. */
  async failure(request: OutboundRequest): Promise<{ outcome: Outcome; message: string }> {
    const { outcome, message } = this.transport.failure(await rejection(this.send(request)));
    return { outcome, message };
  }
}

/** What a promise rejects with. Throws if it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`it did not fail: ${String(value)}`);
}

/** A stream of these pieces, and how many of them were asked for. */
export function pulled(pieces: number, size: number) {
  const seen = { pulls: 0, isCancelled: false };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (seen.pulls === pieces) {
          controller.close();
          return;
        }
        seen.pulls += 1;
        controller.enqueue(new Uint8Array(size).fill(97 + (seen.pulls % 26)));
      },
      cancel() {
        seen.isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, seen };
}
