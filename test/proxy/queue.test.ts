import { describe, expect, test } from "bun:test";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import type { ClientInfo } from "../../src/proxy/client.ts";
import { reset, type SentTry, silence } from "../simulation/scripted-transport.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { answeredAfter, ORIGINS, scriptedBalancer, streamingPost } from "./scripted-balancer.ts";

const [A] = ORIGINS;
const LATE_MS = 100;
const ROOMLESS = { "proxy-status": "lb; error=connection_limit_reached", "retry-after": "1" };

/** One try in the hands of the test. */
interface Held {
  readonly sent: SentTry;
  answer(status?: number): Promise<void>;
  fail(): Promise<void>;
}

/** One backend that takes one request at a time, unless it is said otherwise, and answers when the test says so. */
function setUp(config: Partial<LoadBalancerConfig> = {}) {
  const tries: Held[] = [];
  const balancer = scriptedBalancer(
    (sent) => {
      const answered = Promise.withResolvers<Response>();
      tries.push({
        sent,
        answer: async (status = 200) => {
          // Without a body the exchange is over with the head.
          answered.resolve(new Response(null, { status, headers: { "x-target": sent.outbound.target } }));
          await settled();
        },
        fail: async () => {
          answered.reject(reset());
          await settled();
        },
      });
      return Promise.race([answered.promise, silence(sent.signal)]);
    },
    { backends: [A], maxInFlight: 1, queue: { maxWaiting: 2, timeoutMs: 1_000 }, ...config },
  );
  const ask = async (path: string, init: RequestInit = {}, client?: ClientInfo) => {
    const answer = balancer.lb.fetch(new Request(`http://lb${path}`, init), client);
    await settled();
    return { answer };
  };
  return { ...balancer, tries, ask, targets: () => tries.map(({ sent }) => sent.outbound.target) };
}

async function problemOf(answer: Promise<Response>) {
  const response = await answer;
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const { detail } = (await response.json()) as { detail: string };
  return { status: response.status, detail, headers: Object.fromEntries(response.headers) };
}

describe("requests beyond what the backends may have", () => {
  test("wait, and are sent one after another; the status says how many wait", async () => {
    const { ask, tries, targets, lb } = setUp();
    const answers = [await ask("/a"), await ask("/b"), await ask("/c")];
    expect(targets()).toEqual(["/a"]);
    expect(lb.status()).toMatchObject({ inFlight: 1, waiting: 2 });
    const status = await (await lb.fetch(new Request("http://lb/lb-status"))).text();
    expect(status).toEndWith('"draining":false,"panic":false,"inFlight":1,"waiting":2}\n');
    for (let turn = 0; turn < 3; turn++) await tries[turn]?.answer();
    const targetOf = async (answer: Promise<Response>) => (await answer).headers.get("x-target");
    expect(await Promise.all(answers.map(({ answer }) => targetOf(answer)))).toEqual(["/a", "/b", "/c"]);
    expect(lb.status()).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  test("are told when the queue is full, and when they have waited for too long", async () => {
    const { ask, clock, tries, lb } = setUp();
    const first = await ask("/a");
    const late = await ask("/b");
    await ask("/c");
    const full = await ask("/d");
    const details = (text: string) => `${ROOMLESS["proxy-status"]}; details="${text}"`;
    expect(await problemOf(full.answer)).toMatchObject({
      status: 503,
      detail: "There is no room for another request, nor for one more that waits.",
      headers: { ...ROOMLESS, "proxy-status": details("queue full") },
    });
    await clock.run(1_000 + LATE_MS);
    expect(await problemOf(late.answer)).toMatchObject({
      status: 503,
      detail: "There was no room for the request in time.",
      headers: { ...ROOMLESS, "proxy-status": details("queue timeout") },
    });
    expect(lb.status()).toMatchObject({ inFlight: 1, waiting: 0 });
    await tries[0]?.answer();
    expect((await first.answer).status).toBe(200);
    await clock.run(LATE_MS);
    expect([tries.length, clock.pending]).toEqual([1, 0]);
  });

  test.each([
    ["timeoutMs", { timeoutMs: 500 }, {}],
    ["requestTimeoutMs", { requestTimeoutMs: 500 }, {}],
    [
      "a trusted proxy",
      { deadlineHeader: "x-left-ms", trustedProxies: ["192.0.2.1"] },
      { headers: { "x-left-ms": "500" } },
    ],
  ])("get 504 when they have no time left by %s", async (_, config, init) => {
    const made = setUp({ ...config, tryTimeoutMs: 0 });
    const client = { address: "192.0.2.1", port: 1, tls: false, protocol: "1.1" };
    await made.ask("/a");
    await made.clock.run(100);
    const { answer } = await made.ask("/b", init, client);
    const { response, ms } = await answeredAfter(made, answer);
    expect(response.status).toBe(504);
    expect(ms).toBeGreaterThanOrEqual(400);
    expect(ms).toBeLessThanOrEqual(500 + 2 * LATE_MS);
  });

  test("give their place up when their client leaves, and hold its connection as long as it is there", async () => {
    const { ask, tries, targets, lb, clock } = setUp();
    const calls: string[] = [];
    const client: ClientInfo = {
      address: "192.0.2.1",
      port: 1,
      tls: false,
      protocol: "1.1",
      hold: () => calls.push("hold"),
      release: () => calls.push("release"),
    };
    const controller = new AbortController();
    await ask("/a");
    const { answer } = await ask("/b", { signal: controller.signal }, client);
    await ask("/c");
    expect([lb.status().waiting, calls]).toEqual([2, ["hold"]]);
    controller.abort();
    expect((await answer).status).toBe(499);
    expect([lb.status().waiting, calls]).toEqual([1, ["hold", "release"]]);
    await tries[0]?.answer();
    expect(targets()).toEqual(["/a", "/c"]);
    await tries[1]?.answer();
    await clock.run(LATE_MS);
    expect([lb.status().inFlight, clock.pending]).toEqual([0, 0]);
  });

  test("are told at once when every backend is out, and go on when one is added", async () => {
    const { ask, lb, targets } = setUp();
    await ask("/a");
    const waiting = await ask("/b");
    lb.setBackends([{ url: A, drain: true }]);
    expect(await problemOf(waiting.answer)).toMatchObject({
      status: 503,
      detail: "No backend is available at the moment.",
      headers: { "retry-after": "10" },
    });
    lb.setBackends([A]);
    await ask("/c");
    lb.setBackends(ORIGINS);
    await settled();
    expect(targets()).toEqual(["/a", "/c"]);
  });

  test("have their body read by nobody meanwhile, and sent whole then", async () => {
    const { ask, tries, lb } = setUp();
    await ask("/a");
    let pulled = 0;
    const texts = ["one", "two"];
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const text = texts[pulled];
          pulled += 1;
          if (text === undefined) controller.close();
          else controller.enqueue(new TextEncoder().encode(text));
        },
      },
      { highWaterMark: 0 },
    );
    const answer = lb.fetch(streamingPost(body));
    await settled();
    expect([lb.status().waiting, pulled]).toEqual([1, 0]);
    await tries[0]?.answer();
    expect(await new Response(tries[1]?.sent.outbound.body()).text()).toBe("onetwo");
    await tries[1]?.answer();
    expect((await answer).status).toBe(200);
  });

  test("let go of their body when they are refused", async () => {
    const { ask, lb, clock } = setUp();
    await ask("/a");
    const cancelled: unknown[] = [];
    const body = new ReadableStream<Uint8Array>({ cancel: (reason) => void cancelled.push(reason) });
    const answer = lb.fetch(streamingPost(body));
    await clock.run(1_000 + LATE_MS);
    expect([(await answer).status, cancelled.length]).toEqual([503, 1]);
  });
});

test("a retry waits too, ahead of those that have not been tried, behind the one that its room was for", async () => {
  const { ask, tries, targets, clock } = setUp({ queue: { maxWaiting: 9, timeoutMs: 0 } });
  await ask("/a");
  await ask("/b");
  await ask("/c");
  await tries[0]?.fail();
  await clock.run(25);
  expect(targets()).toEqual(["/a", "/b"]);
  await tries[1]?.answer();
  expect(targets()).toEqual(["/a", "/b", "/a"]);
  await tries[2]?.answer();
  expect(targets()).toEqual(["/a", "/b", "/a", "/c"]);
});

test("a second try beside a first one takes no place in the queue", async () => {
  const { ask, tries, clock, lb } = setUp({ backends: ORIGINS.slice(0, 2), hedge: { afterMs: 10 } });
  await ask("/a");
  await ask("/b");
  await clock.run(500);
  expect([tries.length, lb.status().waiting]).toEqual([2, 0]);
});

test("a balancer that drains waits for those who wait", async () => {
  const { ask, tries, lb, clock } = setUp();
  const answers = [await ask("/a"), await ask("/b")];
  let isDrained = false;
  const drained = lb.drain(10_000).then(() => {
    isDrained = true;
  });
  await tries[0]?.answer();
  await clock.run(100);
  expect(isDrained).toBe(false);
  await tries[1]?.answer();
  await clock.run(100);
  await drained;
  expect(await Promise.all(answers.map(async ({ answer }) => (await answer).status))).toEqual([200, 200]);
});
