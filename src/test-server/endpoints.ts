import { wholeNumberOf } from "./parameters.ts";

/** The longest delay that can be asked for, in milliseconds. */
const LONGEST_MS = 600_000;

/** How much of `/bytes` is made at a time. */
const CHUNK_BYTES = 65_536;

const TEXT = { "content-type": "text/plain; charset=utf-8" };

/** Answers after `ms` milliseconds, by default 1,000. */
export function answerSlow(request: Request, url: URL): Promise<Response> {
  const ms = wholeNumberOf(url, "ms", 1_000, 0, LONGEST_MS);
  return pause(ms, request.signal).then(() => new Response(`waited ${ms} ms\n`, { headers: TEXT }));
}

/**
 * Sends `chunks` pieces of text (by default 5), the first at once and one every `ms` milliseconds (by
 * default 200); as server-sent events if that is what the client accepts.
 */
export function answerStream(request: Request, url: URL): Response {
  const chunks = wholeNumberOf(url, "chunks", 5, 0, 1_000_000);
  const ms = wholeNumberOf(url, "ms", 200, 0, LONGEST_MS);
  const asEvents = request.headers.get("accept")?.includes("text/event-stream") ?? false;
  const encoder = new TextEncoder();
  let sent = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (sent === chunks) {
          controller.close();
          return;
        }
        if (sent > 0) await pause(ms, request.signal);
        sent += 1;
        const text = asEvents ? `id: ${sent}\ndata: chunk ${sent}\n\n` : `chunk ${sent}\n`;
        controller.enqueue(encoder.encode(text));
      },
    },
    { highWaterMark: 0 },
  );
  const headers = asEvents ? { "content-type": "text/event-stream", "cache-control": "no-cache" } : TEXT;
  return new Response(body, { headers });
}

/** Sends `n` bytes (by default 1,024), made as the client takes them, so that any size fits in memory. */
export function answerBytes(_request: Request, url: URL): Response {
  const n = wholeNumberOf(url, "n", 1_024, 0, Number.MAX_SAFE_INTEGER);
  const chunk = new Uint8Array(CHUNK_BYTES).fill(0x61);
  let left = n;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (left === 0) {
          controller.close();
          return;
        }
        const size = Math.min(left, CHUNK_BYTES);
        left -= size;
        controller.enqueue(chunk.slice(0, size));
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { "content-type": "application/octet-stream" } });
}

/** Answers with the status `code`, by default 200. */
export function answerStatusCode(_request: Request, url: URL): Response {
  const code = wholeNumberOf(url, "code", 200, 200, 599);
  const hasNoBody = code === 204 || code === 205 || code === 304;
  return new Response(hasNoBody ? null : `status ${code}\n`, { status: code, headers: TEXT });
}

/** Sends the request's body back as it comes. */
export function answerEcho(request: Request): Response {
  const type = request.headers.get("content-type") ?? "application/octet-stream";
  return new Response(request.body, { headers: { "content-type": type } });
}

/** Waits, but no longer than the client does. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
