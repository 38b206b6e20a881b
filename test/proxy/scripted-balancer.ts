import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import type { StateChange } from "../../src/core/health.ts";
import type { PanicChange } from "../../src/core/panic.ts";
import { seededRandom } from "../../src/core/random.ts";
import { createLoadBalancer, type LoadBalancer, type TryFailure } from "../../src/load-balancer.ts";
import { type Script, ScriptedTransport } from "../simulation/scripted-transport.ts";
import { settled, VirtualClock } from "../simulation/virtual-clock.ts";

/** A whole load balancer whose time and backends are in the hands of the test. */
export interface ScriptedBalancer {
  readonly lb: LoadBalancer;
  readonly clock: VirtualClock;
  readonly transport: ScriptedTransport;
  readonly changes: StateChange[];
  readonly panics: PanicChange[];
  readonly failures: TryFailure[];
}

export const ORIGINS = ["http://a:1", "http://b:1", "http://c:1"] as const;

/** Three backends and no health checks, unless `config` says otherwise. */
export function scriptedBalancer(script: Script, config: Partial<LoadBalancerConfig> = {}): ScriptedBalancer {
  const clock = new VirtualClock();
  const transport = new ScriptedTransport(script);
  const changes: StateChange[] = [];
  const panics: PanicChange[] = [];
  const failures: TryFailure[] = [];
  const lb = createLoadBalancer(
    { backends: ORIGINS, healthCheck: false, ...config },
    {
      clock,
      transport,
      random: seededRandom(1),
      onStateChange: (change) => changes.push(change),
      onPanicChange: (change) => panics.push(change),
      onTryFailed: (failure) => failures.push(failure),
    },
  );
  return { lb, clock, transport, changes, panics, failures };
}

/** Lets time pass until the answer is there, and says when that was. */
export async function answeredAfter(
  { clock }: ScriptedBalancer,
  answer: Promise<Response>,
  limitMs = 120_000,
): Promise<{ response: Response; ms: number }> {
  const startMs = clock.nowMs();
  let response: Response | undefined;
  void answer.then((given) => {
    response = given;
  });
  await settled();
  while (response === undefined && clock.nowMs() - startMs < limitMs) await clock.run(10);
  if (response === undefined) throw new Error(`no answer within ${limitMs} ms`);
  return { response, ms: clock.nowMs() - startMs };
}

/** A POST whose body comes from a stream, in chunks. */
export function streamingPost(body: ReadableStream<Uint8Array>, signal?: AbortSignal): Request {
  const init = {
    method: "POST",
    body,
    headers: { "transfer-encoding": "chunked" },
    duplex: "half",
    ...(signal === undefined ? {} : { signal }),
  };
  return new Request("http://lb/upload", init as RequestInit);
}

/** A stream of these texts that then ends, or breaks. */
export function streamOf(texts: readonly string[], breaksWith?: Error): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream(
    {
      pull(controller) {
        const text = texts[next];
        next += 1;
        if (text !== undefined) controller.enqueue(new TextEncoder().encode(text));
        else if (breaksWith !== undefined) controller.error(breaksWith);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
