import { expect, test } from "bun:test";
import fc from "fast-check";
import { Outcome } from "../../src/core/outcome.ts";
import { ScriptedBody, ScriptedFailure, type SentTry, silence } from "../simulation/scripted-transport.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { scriptedBalancer, streamingPost, streamOf } from "./scripted-balancer.ts";

/** What a backend does with a try. */
const deed = fc.constantFrom(
  "short answer",
  "server error",
  "unavailable",
  "long answer",
  "broken answer",
  "endless answer",
  "silence",
  "refused",
  "reset",
  "malformed",
  "late answer",
  "late reset",
);
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

/** What a client does: how it asks, and how it takes the answer. */
const ask = fc.record({
  method: fc.constantFrom("GET", "HEAD", "POST", "PUT", "upload", "broken upload"),
  deeds: fc.array(deed, { minLength: 3, maxLength: 3 }),
  taking: fc.constantFrom("reads", "cancels", "ignores"),
  /** When it leaves, in milliseconds; never if undefined. */
  leavesAfterMs: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined }),
  pauseMs: fc.integer({ min: 0, max: 500 }),
});
type Ask = typeof ask extends fc.Arbitrary<infer T> ? T : never;

/** Bodies that only a leaving client or the end of the test ends. */
class World {
  readonly endless: ScriptedBody[] = [];
  readonly #deeds: Deed[] = [];
  readonly #wait: (ms: number) => Promise<void>;

  constructor(wait: (ms: number) => Promise<void>) {
    this.#wait = wait;
  }

  expectDeeds(deeds: readonly Deed[]): void {
    this.#deeds.push(...deeds);
  }

  async answer({ signal, outbound }: SentTry): Promise<Response> {
    const deed = this.#deeds.shift() ?? "short answer";
    const sent = outbound.body();
    if (sent !== null && deed !== "refused") await new Response(sent).arrayBuffer();
    switch (deed) {
      case "short answer":
        return new Response("ok", { headers: { "content-length": "2" } });
      case "server error":
        return new Response("no", { status: 500 });
      case "unavailable":
        return new Response("no", { status: 503, headers: { "retry-after": "1" } });
      case "long answer":
        return new Response(streamOf(["one", "two", "three"]));
      case "broken answer":
        return new Response(streamOf(["one"], new Error("the backend died")));
      case "endless answer": {
        const body = new ScriptedBody(signal);
        body.push("begin");
        this.endless.push(body);
        return new Response(body.stream);
      }
      case "silence":
        return silence(signal);
      case "late answer":
        await this.#wait(700);
        return new Response("ok");
      case "late reset":
        await this.#wait(150);
        throw new ScriptedFailure(Outcome.reset, "reset");
      case "refused":
        throw new ScriptedFailure(Outcome.connectFailed, "refused");
      default:
        throw new ScriptedFailure(deed === "malformed" ? Outcome.malformed : Outcome.reset, deed);
    }
  }
}

function requestOf({ method }: Ask, signal: AbortSignal): Request {
  if (method === "upload") return streamingPost(streamOf(["a", "b"]), signal);
  if (method === "broken upload") return streamingPost(streamOf(["a"], new Error("broke off")), signal);
  return new Request("http://lb/", { method, signal });
}

async function take(answer: Promise<Response>, { taking }: Ask): Promise<void> {
  const response = await answer;
  if (taking === "reads") await response.arrayBuffer().catch(() => undefined);
  else if (taking === "cancels") await response.body?.cancel().catch(() => undefined);
}

/** What of the config decides how often a request is tried, and how long it may take. */
const config = fc.record({
  retryOn: fc.constantFrom(
    ["connect", "reset", "timeout"] as const,
    ["connect", "reset", "timeout", "503"] as const,
  ),
  hedge: fc.constantFrom(false as const, { afterMs: 100 }),
  requestTimeoutMs: fc.constantFrom(0, 1_500),
  bodyTimeoutMs: fc.constantFrom(0, 500),
  writeTimeoutMs: fc.constantFrom(0, 10_000),
});

test("whatever backends and clients do, what begins ends: in-flight is 0 and no timer is left", async () => {
  await fc.assert(
    fc.asyncProperty(config, fc.array(ask, { minLength: 1, maxLength: 8 }), async (config, asks) => {
      const world = new World((ms) => new Promise((resolve) => clock.after(ms, resolve)));
      const { lb, clock, transport } = scriptedBalancer((sent) => world.answer(sent), {
        timeoutMs: 2_000,
        ...config,
      });
      const taken: Promise<void>[] = [];
      for (const ask of asks) {
        world.expectDeeds(ask.deeds);
        const controller = new AbortController();
        taken.push(take(lb.fetch(requestOf(ask, controller.signal)), ask));
        if (ask.leavesAfterMs !== undefined) clock.after(ask.leavesAfterMs, () => controller.abort());
        await clock.run(ask.pauseMs);
        const { inFlight, backends } = lb.status();
        expect(inFlight).toBe(backends.reduce((sum, backend) => sum + backend.inFlight, 0));
        expect(inFlight).toBeGreaterThanOrEqual(0);
      }
      await clock.run(20_000);
      for (const body of world.endless) body.end();
      await settled();
      await Promise.all(taken);
      // An answer that nobody takes is under way till its client leaves, or has taken nothing for too long.
      const ignored = config.writeTimeoutMs === 0 && asks.some(({ taking }) => taking === "ignores");
      if (!ignored) {
        await clock.run(20_000);
        expect(lb.status()).toMatchObject({ inFlight: 0 });
        expect(clock.pending).toBe(0);
      }
      const { backends } = lb.status();
      expect(backends.reduce((sum, { requests }) => sum + requests, 0)).toBe(transport.tries.length);
      for (const { requests, failures, inFlight } of backends) {
        expect(failures).toBeLessThanOrEqual(requests);
        expect(inFlight).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 150 },
  );
}, 15_000);
