import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { StreamedBody } from "../../src/proxy/request-body.ts";
import { settled } from "../simulation/virtual-clock.ts";

const REPLAY_LIMIT_BYTES = 65_536;

/** A source that gives one chunk for each pull, and says how much was pulled. */
function sourceOf(sizes: readonly number[], breaksAfter?: number) {
  const source = { bytes: 0, chunks: 0, isCancelled: false };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (source.chunks === breaksAfter) {
          controller.error(new Error("the client broke off"));
        } else if (source.chunks === sizes.length) {
          controller.close();
        } else {
          const chunk = new Uint8Array(sizes[source.chunks] ?? 0);
          for (const index of chunk.keys()) chunk[index] = (source.bytes + index) * 31;
          source.bytes += chunk.length;
          source.chunks += 1;
          controller.enqueue(chunk);
        }
      },
      cancel() {
        source.isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { source, body: new StreamedBody(stream, REPLAY_LIMIT_BYTES) };
}

function expectedBytes(total: number): Uint8Array {
  return Uint8Array.from({ length: total }, (_, index) => index * 31);
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}

/** What a try does with its stream before it fails. */
const aborted = fc.record({
  reads: fc.nat({ max: 6 }),
  /** Whether it fails in the middle of a read. */
  hasReadPending: fc.boolean(),
  /** Whether it lets go of its stream, or just leaves it. */
  isCancelled: fc.boolean(),
});

describe("a body that is sent again", () => {
  test("has the same bytes, however it is cut and however often a try fails", async () => {
    const sizes = fc.array(fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 12_000 })), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.array(aborted, { maxLength: 4 }), async (sizes, tries) => {
        const total = sizes.reduce((sum, size) => sum + size, 0);
        fc.pre(total <= REPLAY_LIMIT_BYTES);
        const { body } = sourceOf(sizes);
        for (const { reads, hasReadPending, isCancelled } of tries) {
          expect(body.replayable).toBe(true);
          const reader = body.body().getReader();
          for (let count = 0; count < reads; count++) await reader.read();
          if (hasReadPending) void reader.read().catch(() => undefined);
          if (isCancelled) void reader.cancel();
        }
        expect(body.replayable).toBe(true);
        expect(await readAll(body.body())).toEqual(expectedBytes(total));
      }),
    );
  });

  test("may grow past the limit in the last try, and still is whole", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 40_000 }), { maxLength: 10 }),
        fc.array(aborted, { maxLength: 3 }),
        async (sizes, tries) => {
          const total = sizes.reduce((sum, size) => sum + size, 0);
          const { body } = sourceOf(sizes);
          for (const { reads, hasReadPending, isCancelled } of tries) {
            if (!body.replayable) return;
            const reader = body.body().getReader();
            for (let count = 0; count < reads; count++) await reader.read();
            const pending = hasReadPending ? reader.read().catch(() => undefined) : undefined;
            if (isCancelled) await reader.cancel();
            // A try has failed only when its transport has let go, or has got what it was waiting for.
            await pending;
          }
          if (!body.replayable) return;
          expect(await readAll(body.body())).toEqual(expectedBytes(total));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("a try left in the middle of a read takes no bytes from the next one", async () => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const source = new ReadableStream<Uint8Array>({
      start(given) {
        controller = given;
      },
    });
    const body = new StreamedBody(source, REPLAY_LIMIT_BYTES);
    const bytes = expectedBytes(REPLAY_LIMIT_BYTES + 200);
    controller?.enqueue(bytes.slice(0, 100));
    const left = body.body().getReader();
    await left.read();
    void left.read().catch(() => undefined);
    const next = readAll(body.body());
    // Both wait for the chunk that goes past the limit.
    await settled();
    controller?.enqueue(bytes.slice(100, -100));
    await settled();
    controller?.enqueue(bytes.slice(-100));
    controller?.close();
    expect(await next).toEqual(bytes);
  });

  test("a try that was left behind never looks complete", async () => {
    const { body } = sourceOf([10, 10, 10]);
    const left = body.body().getReader();
    await left.read();
    await readAll(body.body());
    expect(
      await left.read().then(
        ({ done }) => done,
        () => "failed",
      ),
    ).toBe("failed");
  });
});

describe("what is kept", () => {
  test("is never more than the limit: from then on it cannot be sent again", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 30_000 }), { maxLength: 12 }), async (sizes) => {
        const { body, source } = sourceOf(sizes);
        const reader = body.body().getReader();
        for (let read = await reader.read(); !read.done; read = await reader.read()) {
          expect(body.replayable).toBe(source.bytes <= REPLAY_LIMIT_BYTES);
        }
      }),
    );
  });

  test("the source is read only as fast as the backend takes it", async () => {
    const { body, source } = sourceOf(new Array<number>(20).fill(10_000));
    const reader = body.body().getReader();
    for (let reads = 1; reads <= 20; reads++) {
      await reader.read();
      await settled();
      expect(source.chunks).toBe(reads);
    }
  });

  test("an upload past the limit is let go as it passes", async () => {
    const chunks: WeakRef<Uint8Array>[] = [];
    const source = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (chunks.length === 100) return controller.close();
          const chunk = new Uint8Array(REPLAY_LIMIT_BYTES);
          chunks.push(new WeakRef(chunk));
          controller.enqueue(chunk);
        },
      },
      { highWaterMark: 0 },
    );
    const body = new StreamedBody(source, REPLAY_LIMIT_BYTES);
    const reader = body.body().getReader();
    for (let count = 0; count < 100; count++) await reader.read();
    await settled();
    Bun.gc(true);
    // The collector may take a few words on the stack for pointers.
    expect(chunks.filter((chunk) => chunk.deref() !== undefined).length).toBeLessThan(10);
    expect(body.replayable).toBe(false);
  });
});

describe("a source that breaks", () => {
  test("never looks complete, to this try or another, and cannot be sent again", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 20_000 }), { maxLength: 8 }),
        fc.nat({ max: 8 }),
        fc.nat({ max: 8 }),
        async (sizes, breaksAfter, firstReads) => {
          const { body } = sourceOf(sizes, Math.min(breaksAfter, sizes.length));
          const first = body.body().getReader();
          for (let count = 0; count < firstReads; count++) {
            const read = await first.read().catch(() => undefined);
            if (read === undefined) break;
            expect(read.done).toBe(false);
          }
          if (body.replayable) {
            expect(await readAll(body.body()).catch(() => "failed")).toBe("failed");
          }
          expect(body.replayable).toBe(false);
        },
      ),
    );
  });

  test("before its first byte is known at once", async () => {
    const { body } = sourceOf([], 0);
    expect(await body.hasBytes().catch(() => "failed")).toBe("failed");
  });
});

describe("hasBytes", () => {
  test("tells an empty body from one with bytes, and loses none of them", async () => {
    expect(await sourceOf([]).body.hasBytes()).toBe(false);
    expect(await sourceOf([0, 0]).body.hasBytes()).toBe(false);
    const { body } = sourceOf([0, 3, 4]);
    expect(await body.hasBytes()).toBe(true);
    expect(await readAll(body.body())).toEqual(expectedBytes(7));
  });
});

describe("discard", () => {
  test("lets go of the source, and a try under way does not look complete", async () => {
    for (const reads of [0, 1, 2]) {
      const { body, source } = sourceOf([10, 10, 10]);
      const reader = body.body().getReader();
      for (let count = 0; count < reads; count++) await reader.read();
      body.discard();
      expect(source.isCancelled).toBe(true);
      expect(body.replayable).toBe(false);
      expect(
        await reader.read().then(
          ({ done }) => done,
          () => "failed",
        ),
      ).toBe("failed");
    }
  });

  test("of a source that broke says nothing", async () => {
    const { body } = sourceOf([1], 0);
    await readAll(body.body()).catch(() => undefined);
    body.discard();
    await settled();
  });
});
