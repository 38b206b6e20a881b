import { describe, expect, test } from "bun:test";
import type { LoadBalancerConfig } from "../../../src/config/types/config.ts";
import { createLoadBalancer } from "../../../src/load-balancer.ts";
import { UNREAD_BYTES } from "../../../src/transport/http1/response-body.ts";
import { Http1Transport } from "../../../src/transport/http1.ts";
import { ScriptedSockets } from "../../simulation/scripted-sockets.ts";
import { settled, VirtualClock } from "../../simulation/virtual-clock.ts";

/** A `Response` that has begun, over sockets and under a clock that the test moves. */
async function begun(config: Partial<LoadBalancerConfig>) {
  const clock = new VirtualClock();
  const sockets = new ScriptedSockets();
  const lb = createLoadBalancer(
    { backends: ["http://192.0.2.7"], healthCheck: false, ...config },
    { clock, transport: new Http1Transport({}, clock, sockets) },
  );
  const answer = lb.fetch(new Request("http://lb/"));
  const [backend] = sockets.connected;
  if (backend === undefined) throw new Error("no connection was made");
  backend.events.opened();
  backend.receive("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nx");
  const response = await answer;
  return { clock, backend, response, status: () => lb.status().backends[0] };
}

describe("the body of an answer that stands still", () => {
  test("breaks when the backend was silent for too long", async () => {
    const { clock, backend, response, status } = await begun({ bodyTimeoutMs: 1_000 });
    const text = response.text().catch(() => "broken");
    for (let count = 0; count < 3; count++) {
      await clock.run(900);
      backend.receive("x");
    }
    await clock.run(900);
    expect(status()).toMatchObject({ inFlight: 1 });
    await clock.run(500);
    expect(await text).toBe("broken");
    expect(backend.done).toEqual(["destroy"]);
    expect(status()).toMatchObject({ inFlight: 0, failures: 1 });
  });

  test("breaks when its reader took nothing for too long, which is not the backend's fault", async () => {
    const { clock, backend, response, status } = await begun({ bodyTimeoutMs: 1_000, writeTimeoutMs: 5_000 });
    backend.receive("x".repeat(UNREAD_BYTES));
    expect(backend.isPaused).toBe(true);
    await clock.run(4_900);
    expect(status()).toMatchObject({ inFlight: 1 });
    await clock.run(1_000);
    expect(backend.done).toEqual(["destroy"]);
    expect(status()).toMatchObject({ inFlight: 0, failures: 0 });
    expect(await response.text().catch(() => "broken")).toBe("broken");
  });

  test("is waited for anew once its reader has caught up", async () => {
    const { clock, backend, response, status } = await begun({ bodyTimeoutMs: 1_000, writeTimeoutMs: 5_000 });
    backend.receive("x".repeat(UNREAD_BYTES));
    await clock.run(4_500);
    const text = response.text().catch(() => "broken");
    await settled();
    expect(backend.isPaused).toBe(false);
    await clock.run(900);
    expect(status()).toMatchObject({ inFlight: 1 });
    await clock.run(500);
    expect(await text).toBe("broken");
    expect(status()).toMatchObject({ inFlight: 0, failures: 1 });
  });
});
