import { describe, expect, test } from "bun:test";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import type { ClientInfo } from "../../src/proxy/client.ts";
import { refused, reset, ScriptedBody, type SentTry, silence } from "../simulation/scripted-transport.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { ORIGINS, scriptedBalancer, streamOf } from "./scripted-balancer.ts";

const [A, B, C] = ORIGINS;
const HEDGE_MS = 50;
/** Two ticks late at most. */
const DUE_MS = HEDGE_MS + 4;

/** One try in the hands of the test. */
interface Held {
  readonly sent: SentTry;
  answer(response: Response): Promise<void>;
  fail(error: unknown): Promise<void>;
}

/** A balancer whose backends answer when the test says so. */
function setUp(config: Partial<LoadBalancerConfig> = {}) {
  const tries: Held[] = [];
  const balancer = scriptedBalancer(
    (sent) => {
      const answered = Promise.withResolvers<Response>();
      tries.push({
        sent,
        answer: async (response) => {
          answered.resolve(response);
          await settled();
        },
        fail: async (error) => {
          answered.reject(error);
          await settled();
        },
      });
      return Promise.race([answered.promise, silence(sent.signal)]);
    },
    { hedge: { afterMs: HEDGE_MS }, ...config },
  );
  const backend = (index: number) => balancer.lb.status().backends[index];
  return { ...balancer, tries, backend };
}

/** The same with a request that is under way at two backends. */
async function hedged(config: Partial<LoadBalancerConfig> = {}, request = get(), client?: ClientInfo) {
  const made = setUp(config);
  const answer = made.lb.fetch(request, client);
  await made.clock.run(HEDGE_MS - 1);
  expect(made.transport.origins).toEqual([A]);
  await made.clock.run(DUE_MS - HEDGE_MS + 1);
  expect(made.transport.origins).toEqual([A, B]);
  const [first, second] = made.tries as [Held, Held];
  return { ...made, answer, first, second };
}

const get = (signal?: AbortSignal) => new Request("http://lb/x", signal === undefined ? {} : { signal });
const textOf = async (answer: Promise<Response>) => {
  const response = await answer;
  return `${response.status} ${await response.text()}`;
};

describe("a request that is not answered for a while", () => {
  test("gets the answer that comes first, and the other try is given up", async () => {
    for (const index of [0, 1]) {
      const { answer, first, second, lb, clock } = await hedged();
      const [winner, loser] = index === 0 ? [first, second] : [second, first];
      await winner.answer(new Response("ok"));
      expect(loser.sent.signal.aborted).toBe(true);
      expect(winner.sent.signal.aborted).toBe(false);
      expect(await textOf(answer)).toBe("200 ok");
      await clock.run(1_000);
      expect(lb.status().inFlight).toBe(0);
      expect(lb.status().backends[index]).toMatchObject({ requests: 1, failures: 0, cancelled: 0 });
      expect(lb.status().backends[1 - index]).toMatchObject({ requests: 1, failures: 0, cancelled: 1 });
      expect(clock.pending).toBe(0);
    }
  });

  test("lets go of an answer that comes all the same, second", async () => {
    const made = scriptedBalancer(
      () => {
        const body = new ScriptedBody(new AbortController().signal);
        bodies.push(body);
        // Deaf to its signal, and slow.
        return new Promise((resolve) => made.clock.after(100, () => resolve(new Response(body.stream))));
      },
      { hedge: { afterMs: HEDGE_MS } },
    );
    const bodies: ScriptedBody[] = [];
    const answer = made.lb.fetch(get());
    await made.clock.run(500);
    const [first, second] = bodies as [ScriptedBody, ScriptedBody];
    expect([first.isCancelled, second.isCancelled]).toEqual([false, true]);
    first.end();
    await (await answer).text();
    expect(made.lb.status()).toMatchObject({
      inFlight: 0,
      backends: [{ cancelled: 0 }, { cancelled: 1 }, {}],
    });
  });

  test("goes on at the one while the other fails, and at a third when both have", async () => {
    for (const index of [0, 1]) {
      const { answer, first, second, tries, transport, failures } = await hedged();
      const [one, other] = index === 0 ? [first, second] : [second, first];
      await one.fail(reset());
      expect(transport.tries).toHaveLength(2);
      await other.fail(reset());
      expect(transport.origins).toEqual([A, B, C]);
      await tries[2]?.answer(new Response("third"));
      expect(await textOf(answer)).toBe("200 third");
      expect(failures.map(({ backend }) => backend)).toEqual(index === 0 ? [A, B] : [B, A]);
    }
  });

  test("gets the answer of the one after the other has failed", async () => {
    for (const index of [0, 1]) {
      const { answer, first, second, backend } = await hedged();
      const [failing, answering] = index === 0 ? [first, second] : [second, first];
      await failing.fail(refused());
      await answering.answer(new Response("ok"));
      expect(await textOf(answer)).toBe("200 ok");
      expect(backend(index)).toMatchObject({ failures: 1, cancelled: 0, alive: false });
      expect(backend(1 - index)).toMatchObject({ failures: 0, cancelled: 0 });
    }
  });

  test("is tried no more often than it may be: once more than without", async () => {
    const { answer, first, second, tries, clock, transport } = await hedged({ retries: 1 });
    await first.fail(reset());
    await second.fail(reset());
    await tries[2]?.fail(reset());
    expect((await answer).status).toBe(502);
    await clock.run(10_000);
    expect(transport.tries).toHaveLength(3);
  });

  test("is broken off if the answer that came first breaks", async () => {
    for (const index of [0, 1]) {
      const { answer, first, second, backend, lb } = await hedged();
      const winner = index === 0 ? first : second;
      const body = new ScriptedBody(winner.sent.signal);
      await winner.answer(new Response(body.stream));
      const text = textOf(answer).catch(() => "broken");
      body.push("half");
      await settled();
      body.break();
      expect(await text).toBe("broken");
      expect(backend(index)).toMatchObject({ failures: 1 });
      expect(backend(1 - index)).toMatchObject({ failures: 0, cancelled: 1 });
      expect(lb.status().inFlight).toBe(0);
    }
  });

  test("is over at both backends when its client leaves", async () => {
    const controller = new AbortController();
    const { answer, first, second, clock, lb } = await hedged({}, get(controller.signal));
    await clock.run(100);
    controller.abort();
    await clock.run(1_000);
    expect([first.sent.signal.aborted, second.sent.signal.aborted]).toEqual([true, true]);
    expect((await answer).status).toBe(499);
    expect(lb.status()).toMatchObject({ inFlight: 0, backends: [{ failures: 0 }, { failures: 0 }, {}] });
    expect(clock.pending).toBe(0);
  });

  test("is answered 504 when neither was in time", async () => {
    const { answer, clock, lb } = await hedged({ timeoutMs: 1_000 });
    await clock.run(1_200);
    expect((await answer).status).toBe(504);
    expect(lb.status()).toMatchObject({ inFlight: 0, backends: [{ failures: 1 }, { failures: 1 }, {}] });
  });

  test("keeps its client's connection until its answer is over, whichever try is", async () => {
    const calls: string[] = [];
    const client: ClientInfo = {
      address: "192.0.2.1",
      port: 1,
      tls: false,
      protocol: "1.1",
      hold: () => calls.push("hold"),
      release: () => calls.push("release"),
    };
    for (const index of [0, 1]) {
      calls.length = 0;
      const { answer, first, second, clock } = await hedged({}, get(), client);
      await clock.run(1_000);
      const winner = index === 0 ? first : second;
      const body = new ScriptedBody(winner.sent.signal);
      await winner.answer(new Response(body.stream));
      expect(calls.at(-1)).toBe("hold");
      body.end();
      expect(await textOf(answer)).toBe("200 ");
      expect(calls.at(-1)).toBe("release");
    }
  });
});

describe("what is sent to two backends at once", () => {
  test("has the whole body with it", async () => {
    const chunked = { method: "PUT", headers: { "transfer-encoding": "chunked" }, duplex: "half" };
    for (const init of [
      { method: "PUT", body: "hello", headers: { "content-length": "5" } },
      { ...chunked, body: streamOf(["hel", "lo"]) },
    ]) {
      const bodies: Promise<string>[] = [];
      const { lb, clock } = scriptedBalancer(
        ({ outbound, signal }) => {
          bodies.push(new Response(outbound.body()).text());
          return silence(signal);
        },
        { hedge: { afterMs: HEDGE_MS } },
      );
      void lb.fetch(new Request("http://lb/", init as RequestInit));
      await clock.run(DUE_MS);
      expect(await Promise.all(bodies)).toEqual(["hello", "hello"]);
    }
  });

  test.each([
    ["a POST", () => new Request("http://lb/", { method: "POST", body: "x" })],
    [
      "a body that is still coming",
      () => {
        const body = new ReadableStream({ pull: () => new Promise<void>(() => {}) });
        const headers = { "content-length": "100000" };
        return new Request("http://lb/", { method: "PUT", body, headers, duplex: "half" } as RequestInit);
      },
    ],
  ])("is not %s", async (_, make) => {
    const { lb, clock, transport } = setUp();
    void lb.fetch(make());
    await clock.run(10 * HEDGE_MS);
    expect(transport.tries).toHaveLength(1);
  });

  test("is nothing that was answered in time, and leaves no timer", async () => {
    const { lb, clock, transport, tries } = setUp();
    const answer = lb.fetch(get());
    await settled();
    await tries[0]?.answer(new Response("ok"));
    expect(await textOf(answer)).toBe("200 ok");
    await clock.run(100);
    expect(clock.pending).toBe(0);
    expect(transport.tries).toHaveLength(1);
  });
});

describe("an answer with a status that is tried again", () => {
  const retryOn = [503] as const;
  const unavailable = () => new Response("no", { status: 503 });

  test("loses to the other try, which goes on", async () => {
    for (const index of [0, 1]) {
      const { answer, first, second, backend, lb } = await hedged({ retryOn, retries: 0 });
      const [losing, winning] = index === 0 ? [first, second] : [second, first];
      await losing.answer(unavailable());
      expect(lb.status().inFlight).toBe(1);
      await winning.answer(new Response("yes"));
      expect(await textOf(answer)).toBe("200 yes");
      expect(backend(index)).toMatchObject({ failures: 1, cancelled: 0 });
    }
  });

  test("is followed by a third try if both give one, and by none if there may be none", async () => {
    for (const retries of [0, 1]) {
      const { answer, first, second, tries } = await hedged({ retryOn, retries });
      await second.answer(unavailable());
      await first.answer(new Response("neither", { status: 503 }));
      await tries[2]?.answer(new Response("yes"));
      expect(await textOf(answer)).toBe(retries === 0 ? "503 neither" : "200 yes");
    }
  });

  test("is followed by another if the other try fails after it", async () => {
    const { answer, first, second, tries } = await hedged({ retryOn: [503, "reset"] });
    await first.answer(unavailable());
    await second.fail(reset());
    await tries[2]?.answer(new Response("yes"));
    expect(await textOf(answer)).toBe("200 yes");
  });
});
