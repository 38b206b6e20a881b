import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createLimits, type LimitsRules } from "../../src/middleware/limits.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { pass, rawGet } from "./passing.ts";

const NONE: LimitsRules = {
  maxRequestBytes: undefined,
  maxResponseBytes: undefined,
  maxHeaderBytes: undefined,
};

/** A stream that gives these chunks one at a time, and notes what became of it. */
function source(chunks: readonly Uint8Array[]) {
  const noted = { given: 0, cancelled: false };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks[noted.given];
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
        noted.given += 1;
      },
      cancel() {
        noted.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, noted };
}

function post(body: ReadableStream<Uint8Array> | string, headers: Record<string, string> = {}): Request {
  return new Request("http://lb.test/", { method: "POST", body, headers, duplex: "half" } as RequestInit);
}

const bytes = (count: number) => new Uint8Array(count).fill(120);

/** A backend that takes the whole body, and says so, or that it broke off. */
async function taking(request: Request): Promise<Response> {
  try {
    return new Response(String((await request.arrayBuffer()).byteLength));
  } catch {
    return new Response("broke off", { status: 400 });
  }
}

describe("a request's body", () => {
  const limits = createLimits({ ...NONE, maxRequestBytes: 10 });

  test("that is said to be too long is refused at once, unread", async () => {
    const { stream, noted } = source([bytes(11)]);
    const { answer, seen } = await pass(limits, post(stream, { "content-length": "11" }));
    expect([answer.status, seen, noted.given]).toEqual([413, undefined, 0]);
  });

  test("that is said to be short enough is not touched", async () => {
    const request = post(source([bytes(10)]).stream, { "content-length": "10" });
    const { answer, seen } = await pass(limits, request, { answer: taking });
    expect([await answer.text(), seen === request]).toEqual(["10", true]);
  });

  test("of unknown length is refused once there is too much of it", async () => {
    const { stream, noted } = source([bytes(6), bytes(5), bytes(1)]);
    const { answer } = await pass(limits, post(stream), { answer: taking });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([413, "application/problem+json"]);
    expect(noted).toEqual({ given: 2, cancelled: true });
  });

  test("of unknown length passes if it turns out to be short enough, however it is cut", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.nat(7), { maxLength: 6 }), async (sizes) => {
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const { answer } = await pass(limits, post(source(sizes.map(bytes)).stream), { answer: taking });
        if (total > 10) expect(answer.status).toBe(413);
        else expect(await answer.text()).toBe(String(total));
      }),
    ));

  test("is read no faster than it is taken", async () => {
    const { stream, noted } = source([bytes(1), bytes(1), bytes(1)]);
    const { seen } = await pass(limits, post(stream));
    await settled();
    expect(noted.given).toBe(0);
    const reader = seen?.body?.getReader();
    await reader?.read();
    await settled();
    expect(noted.given).toBe(1);
    await reader?.cancel();
    expect(noted.cancelled).toBe(true);
  });

  test("that broke by itself is not too long", async () => {
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new Error("the client left"));
      },
    });
    expect((await pass(limits, post(stream), { answer: taking })).answer.status).toBe(400);
  });

  test("does not undo an answer that came before there was too much", async () => {
    const { stream } = source([bytes(6), bytes(6)]);
    const { answer, seen } = await pass(limits, post(stream), { answer: () => new Response("early") });
    expect(await answer.text()).toBe("early");
    await expect(seen?.arrayBuffer()).rejects.toThrow("the body is longer than 10 bytes");
  });

  test("that is not there passes", async () => {
    const request = rawGet("/");
    expect((await pass(limits, request)).seen).toBe(request);
  });
});

describe("an answer's body", () => {
  const limits = createLimits({ ...NONE, maxResponseBytes: 10 });
  const answering = (body: ReadableStream<Uint8Array> | null, init: ResponseInit = {}) => ({
    answer: () => new Response(body, init),
  });

  test("that is said to be too long is replaced, and let go of", async () => {
    const { stream, noted } = source([bytes(11)]);
    const { answer } = await pass(
      limits,
      rawGet("/"),
      answering(stream, { headers: { "content-length": "11" } }),
    );
    await settled();
    expect([answer.status, noted.cancelled]).toEqual([502, true]);
    expect(answer.headers.get("proxy-status")).toBe("lb; error=http_response_body_size");
  });

  test("that is said to be short enough is not touched", async () => {
    const given = new Response(source([bytes(10)]).stream, { headers: { "content-length": "10" } });
    expect((await pass(limits, rawGet("/"), { answer: () => given })).answer).toBe(given);
  });

  test("of unknown length breaks off where there is too much of it", async () => {
    const { stream, noted } = source([bytes(6), bytes(5), bytes(1)]);
    const { answer } = await pass(limits, rawGet("/"), answering(stream, { status: 203 }));
    expect(answer.status).toBe(203);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    expect((await reader.read()).value?.byteLength).toBe(6);
    await expect(reader.read()).rejects.toThrow("the body is longer than 10 bytes");
    await settled();
    expect(noted).toEqual({ given: 2, cancelled: true });
  });

  test("of unknown length passes if it turns out to be short enough", async () => {
    const { stream } = source([bytes(6), bytes(4)]);
    const { answer } = await pass(limits, rawGet("/"), answering(stream, { headers: { etag: '"1"' } }));
    expect([(await answer.arrayBuffer()).byteLength, answer.headers.get("etag")]).toEqual([10, '"1"']);
  });

  test("goes on to be let go of when the client leaves", async () => {
    const { stream, noted } = source([bytes(1), bytes(1)]);
    const { answer } = await pass(limits, rawGet("/"), answering(stream));
    await answer.body?.cancel();
    expect(noted).toEqual({ given: 0, cancelled: true });
  });

  test("that is not sent is not too long: of HEAD, and of 304", async () => {
    const head = new Request("http://lb.test/", { method: "HEAD" });
    const init = { headers: { "content-length": "11" } };
    expect((await pass(limits, head, answering(null, init))).answer.status).toBe(200);
    expect((await pass(limits, rawGet("/"), answering(null, { ...init, status: 304 }))).answer.status).toBe(
      304,
    );
  });
});

describe("a request's fields", () => {
  test("are refused if they are too long together", async () => {
    // Two fields of 3 + 3 + 4 bytes.
    const headers = { "x-a": "123", "x-b": "456" };
    const just = await pass(createLimits({ ...NONE, maxHeaderBytes: 20 }), rawGet("/", headers));
    expect(just.answer.status).toBe(200);
    const { answer, seen } = await pass(createLimits({ ...NONE, maxHeaderBytes: 19 }), rawGet("/", headers));
    expect([answer.status, seen]).toEqual([431, undefined]);
  });
});
