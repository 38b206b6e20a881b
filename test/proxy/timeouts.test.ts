import { describe, expect, test } from "bun:test";
import type { ClientInfo } from "../../src/proxy/client.ts";
import { type Script, ScriptedBody, silence } from "../simulation/scripted-transport.ts";
import { settled } from "../simulation/virtual-clock.ts";
import {
  answeredAfter,
  ORIGINS,
  type ScriptedBalancer,
  scriptedBalancer,
  streamingPost,
} from "./scripted-balancer.ts";

/** The wheel's tick is 50 ms: a time-out comes at most this much late. */
const LATE_MS = 100;

const get = (signal?: AbortSignal) => new Request("http://lb/", signal === undefined ? {} : { signal });

describe("an upload", () => {
  /** One chunk a second, for so many seconds; then it ends, or never does. */
  function slowBody(clock: ScriptedBalancer["clock"], seconds: number, ends: boolean) {
    let sent = 0;
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (sent === seconds && ends) controller.close();
        else if (sent < seconds) {
          await new Promise<void>((resolve) => void clock.after(1_000, resolve));
          controller.enqueue(new Uint8Array(10));
          sent += 1;
        } else await new Promise(() => {});
      },
    });
  }

  /** Reads the whole body, then answers after so many milliseconds. */
  function readsThenAnswers(after: (ms: number) => Promise<void>, ms: number): Script {
    return async ({ outbound, signal }) => {
      const body = new Response(outbound.body()).text();
      await Promise.race([body, silence(signal)]);
      await Promise.race([after(ms), silence(signal)]);
      return new Response("ok");
    };
  }

  test("that goes on is not cut, however long it takes; the time-out begins at its end", async () => {
    for (const [thinkingMs, status] of [
      [1_500, 200],
      [4_000, 504],
    ] as const) {
      const setUp: ScriptedBalancer = scriptedBalancer(
        readsThenAnswers((ms) => new Promise((resolve) => void setUp.clock.after(ms, resolve)), thinkingMs),
        { timeoutMs: 2_000 },
      );
      const answer = setUp.lb.fetch(streamingPost(slowBody(setUp.clock, 10, true)));
      const { response, ms } = await answeredAfter(setUp, answer);
      expect([thinkingMs, response.status]).toEqual([thinkingMs, status]);
      expect(ms).toBeGreaterThan(11_000);
    }
  });

  test("that stands still is cut after the time-out", async () => {
    const setUp: ScriptedBalancer = scriptedBalancer(
      readsThenAnswers(() => Promise.resolve(), 0),
      { timeoutMs: 2_000 },
    );
    const { response, ms } = await answeredAfter(
      setUp,
      setUp.lb.fetch(streamingPost(slowBody(setUp.clock, 3, false))),
    );
    expect(response.status).toBe(504);
    expect(ms).toBeGreaterThanOrEqual(5_000);
    // The last progress is noticed up to an eighth of the time-out late.
    expect(ms).toBeLessThanOrEqual(5_000 + 250 + 2 * LATE_MS + 10);
  });
});

describe("a backend that does not answer", () => {
  test("is given timeoutMs, then the client gets 504 and the exchange is aborted", async () => {
    const setUp = scriptedBalancer(({ signal }) => silence(signal), { timeoutMs: 3_000 });
    const { response, ms } = await answeredAfter(setUp, setUp.lb.fetch(get()));
    expect(response.status).toBe(504);
    expect(ms).toBeGreaterThanOrEqual(3_000);
    expect(ms).toBeLessThanOrEqual(3_000 + LATE_MS + 10);
    expect(setUp.transport.tries.map(({ signal }) => signal.aborted)).toEqual([true]);
    expect(setUp.lb.status()).toMatchObject({ inFlight: 0 });
    expect(setUp.lb.status().backends[0]).toMatchObject({ failures: 1, alive: true });
  });

  test("is left after tryTimeoutMs for another one, if time-outs are retried", async () => {
    const setUp = scriptedBalancer(
      ({ signal, backend }) => (backend.origin === ORIGINS[0] ? silence(signal) : new Response("ok")),
      { tryTimeoutMs: 500, retryOn: ["timeout"] },
    );
    const { response, ms } = await answeredAfter(setUp, setUp.lb.fetch(get()));
    expect(response.status).toBe(200);
    expect(setUp.transport.origins).toEqual([ORIGINS[0], ORIGINS[1]]);
    expect(ms).toBeGreaterThanOrEqual(500);
    expect(ms).toBeLessThanOrEqual(500 + LATE_MS + 10);
  });

  test("cannot make all tries together last longer than timeoutMs", async () => {
    const setUp = scriptedBalancer(({ signal }) => silence(signal), {
      timeoutMs: 1_000,
      tryTimeoutMs: 400,
      retries: 10,
      retryOn: ["timeout"],
    });
    const { response, ms } = await answeredAfter(setUp, setUp.lb.fetch(get()));
    expect(response.status).toBe(504);
    expect(ms).toBeGreaterThanOrEqual(1_000);
    // Each try may be late; the last one counts from the real time.
    expect(ms).toBeLessThanOrEqual(1_000 + LATE_MS + 10);
    expect(setUp.transport.tries).toHaveLength(3);
  });

  test("is waited for without end where timeoutMs is 0", async () => {
    const setUp = scriptedBalancer(({ signal }) => silence(signal), { timeoutMs: 0 });
    const controller = new AbortController();
    const answer = setUp.lb.fetch(get(controller.signal));
    await setUp.clock.run(3_600_000);
    expect(setUp.lb.status().inFlight).toBe(1);
    controller.abort();
    await answeredAfter(setUp, answer);
    expect(setUp.lb.status().inFlight).toBe(0);
  });

  test("is no concern of a timer once all is over", async () => {
    const setUp = scriptedBalancer(() => new Response("ok"));
    for (let count = 0; count < 10; count++) await (await setUp.lb.fetch(get())).text();
    await setUp.clock.run(100);
    expect(setUp.clock.pending).toBe(0);
  });
});

test("an answer that has begun may take its time, and be silent meanwhile", async () => {
  let body: ScriptedBody | undefined;
  const setUp = scriptedBalancer(
    ({ signal }) => {
      body = new ScriptedBody(signal);
      return new Response(body.stream);
    },
    { timeoutMs: 1_000, tryTimeoutMs: 500 },
  );
  const text = (await setUp.lb.fetch(get())).text();
  body?.push("begin");
  await setUp.clock.run(600_000);
  expect(setUp.lb.status().inFlight).toBe(1);
  body?.push(" end");
  body?.end();
  expect(await text).toBe("begin end");
  expect(setUp.lb.status().inFlight).toBe(0);
  expect(setUp.lb.status().backends[0]).toMatchObject({ failures: 0 });
});

describe("a client that leaves", () => {
  test("before the answer stops the backend's work within a second", async () => {
    for (const leavesAfterMs of [0, 20, 99, 100, 5_000]) {
      const setUp = scriptedBalancer(({ signal }) => silence(signal));
      const controller = new AbortController();
      const answer = setUp.lb.fetch(get(controller.signal));
      await setUp.clock.run(leavesAfterMs);
      const [sent] = setUp.transport.tries;
      expect(sent?.signal.aborted).toBe(false);
      controller.abort();
      await setUp.clock.run(1_000);
      expect([leavesAfterMs, sent?.signal.aborted]).toEqual([leavesAfterMs, true]);
      expect((await answer).status).toBe(499);
      expect(setUp.transport.tries).toHaveLength(1);
      expect(setUp.lb.status().backends[0]).toMatchObject({ inFlight: 0, failures: 0, alive: true });
    }
  });

  test("in the middle of the answer does so too, and nothing is held against the backend", async () => {
    let body: ScriptedBody | undefined;
    const setUp = scriptedBalancer(({ signal }) => {
      body = new ScriptedBody(signal);
      return new Response(body.stream);
    });
    const controller = new AbortController();
    const response = await setUp.lb.fetch(get(controller.signal));
    const read = response.text().catch(() => "failed");
    body?.push("begin");
    await setUp.clock.run(500);
    controller.abort();
    await setUp.clock.run(1_000);
    expect(setUp.transport.tries[0]?.signal.aborted).toBe(true);
    expect(await read).toBe("failed");
    expect(setUp.lb.status().backends[0]).toMatchObject({ inFlight: 0, failures: 0 });
  });

  test("by cancelling the answer's body does so at once", async () => {
    let body: ScriptedBody | undefined;
    const setUp = scriptedBalancer(({ signal }) => {
      body = new ScriptedBody(signal);
      return new Response(body.stream);
    });
    const response = await setUp.lb.fetch(get());
    body?.push("begin");
    await response.body?.cancel("enough");
    expect(setUp.transport.tries[0]?.signal.aborted).toBe(true);
    expect(setUp.lb.status().backends[0]).toMatchObject({ inFlight: 0, failures: 0 });
  });
});

test("an exchange that ends in two ways at once ends once", async () => {
  let body: ScriptedBody | undefined;
  const setUp = scriptedBalancer(({ signal }) => {
    body = new ScriptedBody(signal);
    return new Response(body.stream);
  });
  const response = await setUp.lb.fetch(get());
  const reader = response.body?.getReader();
  // The client leaves while the next chunk is waited for, which then fails as well.
  const read = reader?.read();
  await settled();
  await reader?.cancel();
  await read;
  await settled();
  expect(setUp.lb.status().backends[0]).toMatchObject({ inFlight: 0, requests: 1, failures: 0 });
});

describe("an answer that breaks off", () => {
  test("breaks the client's too, and counts against the backend", async () => {
    let body: ScriptedBody | undefined;
    const setUp = scriptedBalancer(({ signal }) => {
      body = new ScriptedBody(signal);
      return new Response(body.stream);
    });
    const response = await setUp.lb.fetch(get());
    const read = response.text().catch(() => "failed");
    body?.push("begin");
    await settled();
    body?.break();
    expect(await read).toBe("failed");
    expect(setUp.lb.status().backends[0]).toMatchObject({ inFlight: 0, failures: 1, alive: true });
  });
});

test("the adapter is told of a long exchange, and when it is over, once each", async () => {
  const calls: string[] = [];
  const client: ClientInfo = {
    address: "192.0.2.1",
    port: 1,
    tls: false,
    protocol: "1.1",
    hold: () => calls.push("hold"),
    release: () => calls.push("release"),
  };
  let body: ScriptedBody | undefined;
  const setUp = scriptedBalancer(({ signal }) => {
    body = new ScriptedBody(signal);
    return new Response(body.stream);
  });
  const response = await setUp.lb.fetch(get(), client);
  expect(calls).toEqual([]);
  await setUp.clock.run(1_000);
  expect(calls).toEqual(["hold"]);
  body?.end();
  await response.text();
  expect(calls).toEqual(["hold", "release"]);
});
