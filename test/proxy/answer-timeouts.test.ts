import { describe, expect, test } from "bun:test";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { reset, ScriptedBody, silence } from "../simulation/scripted-transport.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { answeredAfter, ORIGINS, scriptedBalancer } from "./scripted-balancer.ts";

/** Silences are looked for at intervals of an eighth of what is allowed, by ticks of 50 ms. */
const latestMs = (limitMs: number) => limitMs * 1.125 + 200;

const [A] = ORIGINS;
const get = (headers: HeadersInit = {}) => new Request("http://lb/", { headers });

/** A balancer before a backend whose answer has begun and is in the hands of the test. */
async function streaming(config: Partial<LoadBalancerConfig>) {
  const bodies: ScriptedBody[] = [];
  const setUp = scriptedBalancer(
    ({ signal }) => {
      const body = new ScriptedBody(signal);
      bodies.push(body);
      return new Response(body.stream);
    },
    { backends: [A], ...config },
  );
  const response = await setUp.lb.fetch(get());
  const [body] = bodies as [ScriptedBody];
  const backend = () => setUp.lb.status().backends[0];
  return { ...setUp, response, body, backend };
}

/** Reads to the end, and says what came, or that it broke. */
async function readAll(response: Response): Promise<string> {
  return response.text().catch(() => "broken");
}

describe("a backend that is silent in the middle of its answer", () => {
  test("breaks the answer off when that was long enough, and it counts against the backend", async () => {
    const { body, response, clock, backend } = await streaming({ bodyTimeoutMs: 10_000 });
    const text = readAll(response);
    body.push("begin");
    await clock.run(9_900);
    expect(backend()).toMatchObject({ inFlight: 1 });
    await clock.run(latestMs(10_000) - 9_900);
    expect(backend()).toMatchObject({ inFlight: 0, failures: 1 });
    expect(await text).toBe("broken");
    await clock.run(100);
    expect(clock.pending).toBe(0);
  });

  test("is waited for while it goes on, however slowly", async () => {
    const { body, response, clock, backend } = await streaming({ bodyTimeoutMs: 10_000 });
    const text = readAll(response);
    for (let count = 0; count < 20; count++) {
      body.push("x");
      await clock.run(8_000);
    }
    expect(backend()).toMatchObject({ inFlight: 1 });
    body.end();
    expect(await text).toBe("x".repeat(20));
    expect(backend()).toMatchObject({ inFlight: 0, failures: 0 });
  });

  test("is silent for as long as it likes if nothing else is said", async () => {
    const { body, response, clock } = await streaming({});
    const text = readAll(response);
    body.push("data: 1\n\n");
    await clock.run(3_600_000);
    body.push("data: 2\n\n");
    body.end();
    expect(await text).toBe("data: 1\n\ndata: 2\n\n");
  });

  test("is not blamed for a client that does not read", async () => {
    const { body, response, clock, backend } = await streaming({ bodyTimeoutMs: 1_000, writeTimeoutMs: 0 });
    body.push("begin");
    await clock.run(60_000);
    expect(backend()).toMatchObject({ inFlight: 1 });
    body.end();
    expect(await readAll(response)).toBe("begin");
  });

  test("has a limit also where its answer is short", async () => {
    const bodies: ScriptedBody[] = [];
    const { lb, clock } = scriptedBalancer(
      ({ signal }) => {
        const body = new ScriptedBody(signal);
        bodies.push(body);
        return new Response(body.stream, { headers: { "content-length": "10" } });
      },
      { backends: [A], bodyTimeoutMs: 1_000 },
    );
    const text = readAll(await lb.fetch(get()));
    await clock.run(latestMs(1_000));
    expect(await text).toBe("broken");
    expect(lb.status().backends[0]).toMatchObject({ inFlight: 0, failures: 1 });
  });
});

describe("a client that takes nothing of its answer", () => {
  test("loses it after a minute, and the backend is let go of without blame", async () => {
    const { body, response, clock, backend, transport } = await streaming({});
    body.push("begin");
    await clock.run(59_000);
    expect(backend()).toMatchObject({ inFlight: 1 });
    await clock.run(latestMs(60_000) - 59_000);
    expect(backend()).toMatchObject({ inFlight: 0, failures: 0, alive: true });
    expect(transport.tries[0]?.signal.aborted).toBe(true);
    expect(await readAll(response)).toBe("broken");
  });

  test("has as long as is said, from when it last took something", async () => {
    const { body, response, clock, backend } = await streaming({ writeTimeoutMs: 2_000 });
    const reader = response.body?.getReader();
    for (let count = 0; count < 5; count++) {
      body.push("x");
      await clock.run(1_500);
      expect((await reader?.read())?.value).toEqual(Uint8Array.of(0x78));
    }
    await clock.run(latestMs(2_000));
    expect(backend()).toMatchObject({ inFlight: 0, failures: 0 });
  });
});

describe("a request with a time limit", () => {
  test("is answered 504 if it has no answer by then, over all its tries", async () => {
    const setUp = scriptedBalancer(
      async ({ signal }, index) => {
        if (index === 0) {
          await new Promise<void>((resolve) => void setUp.clock.after(600, resolve));
          throw reset();
        }
        return silence(signal);
      },
      { requestTimeoutMs: 1_000, retryOn: ["reset", "timeout"], retries: 5 },
    );
    const { response, ms } = await answeredAfter(setUp, setUp.lb.fetch(get()));
    expect(response.status).toBe(504);
    expect(ms).toBeGreaterThanOrEqual(1_000);
    expect(ms).toBeLessThanOrEqual(1_100);
    expect(setUp.transport.tries).toHaveLength(2);
  });

  test("breaks off if its answer has not ended by then", async () => {
    const { body, response, clock, backend } = await streaming({ requestTimeoutMs: 1_000 });
    const text = readAll(response);
    for (let count = 0; count < 10; count++) {
      body.push("x");
      await clock.run(110);
    }
    await settled();
    expect(await text).toBe("broken");
    expect(backend()).toMatchObject({ inFlight: 0, failures: 1 });
  });

  test("is the client's failure if it is the one that is late", async () => {
    const { body, response, clock, backend } = await streaming({ requestTimeoutMs: 1_000 });
    body.push("x");
    await clock.run(1_100);
    expect(backend()).toMatchObject({ inFlight: 0, failures: 0 });
    expect(await readAll(response)).toBe("broken");
  });

  test("does not wait for another try that would be too late", async () => {
    const { lb, transport } = scriptedBalancer(
      () => new Response("no", { status: 503, headers: { "retry-after": "1" } }),
      { requestTimeoutMs: 1_000, timeoutMs: 0, retryOn: [503], backends: [A] },
    );
    expect((await lb.fetch(get())).status).toBe(503);
    expect(transport.tries).toHaveLength(1);
  });
});

describe("a field that says how long the client waits", () => {
  const client = (address: string) => ({ address, port: 1, tls: false, protocol: "1.1" });
  const config = { deadlineHeader: "X-Left-Ms", trustedProxies: ["10.0.0.0/8"], timeoutMs: 3_000 };

  test.each([
    ["10.1.2.3", "500", 500],
    ["10.1.2.3", "99999", 3_000],
    ["10.1.2.3", "0", 3_000],
    ["10.1.2.3", "soon", 3_000],
    ["10.1.2.3", "-1", 3_000],
    ["10.1.2.3", "0.5", 3_000],
    ["192.0.2.1", "500", 3_000],
  ])("from %s with %p: %d ms", async (address, said, expectedMs) => {
    const setUp = scriptedBalancer(({ signal }) => silence(signal), config);
    const { response, ms } = await answeredAfter(
      setUp,
      setUp.lb.fetch(get({ "x-left-ms": said }), client(address)),
    );
    expect(response.status).toBe(504);
    expect(ms).toBeGreaterThanOrEqual(expectedMs);
    expect(ms).toBeLessThanOrEqual(expectedMs + 100);
    // It is passed on as it came.
    expect(setUp.transport.tries[0]?.outbound.headers.get("x-left-ms")).toBe(said);
  });

  test("counts only if it is less than what the config says, and not from a client nobody knows", async () => {
    for (const [from, requestTimeoutMs, expectedMs] of [
      [client("10.1.2.3"), 200, 200],
      [client("10.1.2.3"), 2_000, 1_000],
      [undefined, 2_000, 2_000],
    ] as const) {
      const setUp = scriptedBalancer(({ signal }) => silence(signal), { ...config, requestTimeoutMs });
      const { ms } = await answeredAfter(setUp, setUp.lb.fetch(get({ "x-left-ms": "1000" }), from));
      expect(ms).toBeGreaterThanOrEqual(expectedMs);
      expect(ms).toBeLessThanOrEqual(expectedMs + 100);
    }
  });
});
