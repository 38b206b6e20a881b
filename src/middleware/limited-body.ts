import { letGo } from "../transport/let-go.ts";

/**
 * The same bytes, as they come and no faster than they are taken, until there are too many: then the stream breaks, so
 * that nobody takes what there was for all of it.
 *
 * @param onExceeded Called once, before the stream breaks.
 */
export function limitedBody(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  onExceeded: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let leftBytes = maxBytes;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        // A body that breaks rejects, and breaks this one.
        const { done, value } = await reader.read();
        if (done) {
          controller.close();
          return;
        }
        leftBytes -= value.byteLength;
        if (leftBytes >= 0) {
          controller.enqueue(value);
          return;
        }
        onExceeded();
        const error = new Error(`the body is longer than ${maxBytes} bytes`);
        controller.error(error);
        void letGo(reader, error);
      },
      cancel: (reason) => letGo(reader, reason),
    },
    { highWaterMark: 0 },
  );
}
