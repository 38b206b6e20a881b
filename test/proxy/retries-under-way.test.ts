import { describe, expect, test } from "bun:test";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { reset, type SentTry, silence } from "../simulation/scripted-transport.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { ORIGINS, type ScriptedBalancer, scriptedBalancer } from "./scripted-balancer.ts";

const [A, B] = ORIGINS;

/** A balancer that lets one request at a time be tried again; first tries are reset, later ones are the test's. */
function setUp(config: Partial<LoadBalancerConfig>, later: (sent: SentTry) => Promise<Response>) {
  const seen = new Set<string>();
  return scriptedBalancer(
    async (sent) => {
      const { target } = sent.outbound;
      if (seen.has(target)) return later(sent);
      seen.add(target);
      throw reset();
    },
    { backends: [A, B], maxRetries: 1, ...config },
  );
}

const get = (path: string, signal?: AbortSignal) =>
  new Request(`http://lb${path}`, signal === undefined ? {} : { signal });

/** How often a request is tried that nothing but the limit would keep from being tried again. */
async function triesOf({ lb, transport, clock }: ScriptedBalancer, path: string): Promise<number> {
  const leaving = new AbortController();
  const answer = lb.fetch(get(path, leaving.signal));
  // From then on somebody looks whether it is still there.
  await clock.run(200);
  leaving.abort();
  await answer;
  return transport.tries.filter(({ outbound }) => outbound.target === path).length;
}

test("while one is tried again, another that fails is not, and its client is told so", async () => {
  const made = setUp({}, ({ signal }) => silence(signal));
  const { lb, transport } = made;
  const leaving = new AbortController();
  const first = lb.fetch(get("/first", leaving.signal));
  await settled();
  expect((await lb.fetch(get("/second"))).status).toBe(502);
  expect(transport.tries.map(({ outbound }) => outbound.target)).toEqual(["/first", "/first", "/second"]);
  await made.clock.run(200);
  leaving.abort();
  await first;
  expect(await triesOf(made, "/third")).toBe(2);
});

test("a limit that comes while one is tried again counts that one, and goes as it came", async () => {
  const made = setUp({ maxRetries: 0 }, ({ signal }) => silence(signal));
  const { lb } = made;
  const leaving = new AbortController();
  const first = lb.fetch(get("/first", leaving.signal));
  await settled();
  const config = { backends: [A, B], healthCheck: false } as const;
  lb.reconfigure({ ...config, maxRetries: 1 });
  expect((await lb.fetch(get("/second"))).status).toBe(502);
  lb.reconfigure(config);
  expect(await triesOf(made, "/third")).toBe(2);
  lb.reconfigure({ ...config, maxRetries: 1 });
  expect((await lb.fetch(get("/fourth"))).status).toBe(502);
  leaving.abort();
  await first;
  expect(await triesOf(made, "/fifth")).toBe(2);
});

describe("another one may be, once the one before", () => {
  test("has the head of an answer, however long its body is", async () => {
    const endless = async () =>
      new Response(new ReadableStream({ start: (at) => at.enqueue(new Uint8Array(9)) }));
    const made = setUp({}, endless);
    expect((await made.lb.fetch(get("/first"))).status).toBe(200);
    expect(made.lb.status().inFlight).toBe(1);
    expect(await triesOf(made, "/second")).toBe(2);
  });

  test("has failed for good", async () => {
    const made = setUp({ retries: 1 }, async () => {
      throw reset();
    });
    expect((await made.lb.fetch(get("/first"))).status).toBe(502);
    expect(await triesOf(made, "/second")).toBe(2);
  });

  test("has lost its client between two tries", async () => {
    const made = setUp({ backends: [A] }, async () => new Response("ok"));
    const leaving = new AbortController();
    const first = made.lb.fetch(get("/first", leaving.signal));
    await settled();
    expect(await triesOf(made, "/second")).toBe(1);
    leaving.abort();
    await first;
    const third = made.lb.fetch(get("/third"));
    await made.clock.run(300);
    expect((await third).status).toBe(200);
  });

  test("has lost its client, or its patience, while it waited for room", async () => {
    for (const why of ["client", "patience"]) {
      const busy = { backends: [A], maxInFlight: 1, queue: { maxWaiting: 9, timeoutMs: 1_000 } };
      let answerBusy: () => void = () => {};
      const made = setUp(busy, async ({ outbound }) => {
        if (outbound.target === "/busy") await new Promise<void>((resolve) => (answerBusy = resolve));
        return new Response(null);
      });
      const { lb, clock } = made;
      // It waits before its second try, and comes to be the one under way; the other waits for room behind it.
      const busyAnswer = lb.fetch(get("/busy"));
      await clock.run(300);
      const leaving = new AbortController();
      const first = lb.fetch(get("/first", leaving.signal));
      await settled();
      if (why === "client") leaving.abort();
      else await clock.run(1_500);
      expect((await first).status).toBe(why === "client" ? 499 : 503);
      answerBusy();
      expect((await busyAnswer).status).toBe(200);
      const last = lb.fetch(get("/last"));
      await clock.run(300);
      expect((await last).status).toBe(200);
    }
  });
});
