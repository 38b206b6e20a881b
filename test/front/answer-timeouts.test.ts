import { describe, expect, test } from "bun:test";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { request } from "../raw/client.ts";
import { ScriptedFront } from "./scripted-front.ts";
import { OFFER, SWITCHED } from "./upgrade-stage.ts";

/** Silences are looked for at intervals of an eighth of what is allowed, by ticks of 50 ms. */
const latestMs = (limitMs: number) => limitMs * 1.125 + 200;

const HEAD = "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 100\r\n\r\n";

/** A request whose answer has begun. */
async function begun(config: Partial<LoadBalancerConfig>) {
  const front = await ScriptedFront.listen({}, config);
  const client = front.client();
  client.receive(request("GET", "/"));
  const backend = front.backend();
  backend.receive(HEAD);
  expect(client.taken()).toBe(HEAD);
  return { front, client, backend, status: () => front.balancer.status().backends[0] };
}

describe("a backend that is silent in the middle of its answer", () => {
  test("is let go of when that was long enough, and the client's answer breaks", async () => {
    const { front, client, backend, status } = await begun({ bodyTimeoutMs: 10_000 });
    for (let count = 0; count < 5; count++) {
      front.clock.advance(9_000);
      backend.receive("x");
    }
    front.clock.advance(9_900);
    expect(status()).toMatchObject({ inFlight: 1 });
    front.clock.advance(latestMs(10_000) - 9_900);
    expect(status()).toMatchObject({ inFlight: 0, failures: 1 });
    expect([client.done, backend.done]).toEqual([["destroy"], ["destroy"]]);
  });

  test("may be so for more than a minute, and an hour, if nothing else is said", async () => {
    const { front, client, backend } = await begun({});
    for (const ms of [61_000, 3_600_000]) {
      front.clock.advance(ms);
      backend.receive("x");
      expect(client.taken()).toBe("x");
    }
  });

  test("is not blamed for a client that does not read", async () => {
    const { front, client, backend, status } = await begun({ bodyTimeoutMs: 5_000 });
    client.fills = true;
    backend.receive("x");
    expect(backend.isPaused).toBe(true);
    front.clock.advance(50_000);
    expect(status()).toMatchObject({ inFlight: 1 });
    client.drain();
    expect(backend.isPaused).toBe(false);
    // From now on it is the backend that is waited for.
    front.clock.advance(4_900);
    expect(status()).toMatchObject({ inFlight: 1 });
    front.clock.advance(latestMs(5_000) - 4_900);
    expect(status()).toMatchObject({ inFlight: 0, failures: 1 });
  });

  test("may be so for ever once the connection is another protocol's", async () => {
    const limits = { bodyTimeoutMs: 1_000, requestTimeoutMs: 2_000, timeoutMs: 3_000 };
    const front = await ScriptedFront.listen({}, limits);
    const client = front.client();
    client.receive(OFFER);
    const backend = front.backend();
    backend.receive(SWITCHED);
    client.taken();
    front.clock.advance(3_600_000);
    backend.receive("ping");
    expect(client.taken()).toBe("ping");
    expect(front.balancer.status().inFlight).toBe(1);
  });

  test("is watched anew for each request on a connection", async () => {
    const { front, client, backend, status } = await begun({ bodyTimeoutMs: 1_000 });
    backend.receive("x".repeat(100));
    client.taken();
    front.clock.advance(5_000);
    client.receive(request("GET", "/"));
    // The connection that was kept is too old by then.
    const second = backend.isOpen ? backend : front.backend();
    second.receive(HEAD);
    front.clock.advance(latestMs(1_000));
    expect(status()).toMatchObject({ inFlight: 0, requests: 2, failures: 1 });
  });
});

describe("a request with a time limit", () => {
  test("is answered 504 if it has no answer by then", async () => {
    const front = await ScriptedFront.listen({}, { requestTimeoutMs: 1_000 });
    const client = front.client();
    client.receive(request("GET", "/"));
    const backend = front.backend();
    front.clock.advance(999);
    expect(client.taken()).toBe("");
    front.clock.advance(101);
    expect(client.taken()).toStartWith("HTTP/1.1 504 ");
    expect(backend.done).toEqual(["destroy"]);
    expect(client.isOpen).toBe(true);
  });

  test("also if it is its own body that takes too long", async () => {
    const front = await ScriptedFront.listen({}, { requestTimeoutMs: 1_000 });
    const client = front.client();
    client.receive(request("PUT", "/", ["Content-Length: 100"]));
    const backend = front.backend();
    for (let count = 0; count < 11; count++) {
      client.receive("x");
      front.clock.advance(100);
    }
    expect(client.taken()).toStartWith("HTTP/1.1 504 ");
    expect(backend.done).toEqual(["destroy"]);
  });

  test("breaks off if its answer has not ended by then", async () => {
    const { front, client, backend, status } = await begun({ requestTimeoutMs: 1_000 });
    for (let count = 0; count < 11; count++) {
      backend.receive("x");
      front.clock.advance(100);
    }
    expect([client.done, backend.done]).toEqual([["destroy"], ["destroy"]]);
    expect(status()).toMatchObject({ inFlight: 0, failures: 1 });
  });

  test("does so without blame for the backend if the client is the one that is late", async () => {
    const { front, client, backend, status } = await begun({ requestTimeoutMs: 1_000 });
    client.fills = true;
    backend.receive("x");
    front.clock.advance(1_100);
    expect([client.done, backend.done]).toEqual([["destroy"], ["destroy"]]);
    expect(status()).toMatchObject({ inFlight: 0, failures: 0 });
  });
});

describe("a field that says how long the client waits", () => {
  // What connects is 192.0.2.1.
  test.each([
    ["192.0.2.0/24", 500],
    ["10.0.0.0/8", 3_000],
  ])("counts from a trusted proxy only (%s): %d ms", async (trusted, expectedMs) => {
    const config = { deadlineHeader: "x-left-ms", trustedProxies: [trusted], timeoutMs: 3_000 };
    const front = await ScriptedFront.listen({}, config);
    const client = front.client();
    client.receive(request("GET", "/", ["X-Left-MS: 500"]));
    const backend = front.backend();
    expect(backend.taken()).toContain("\r\nX-Left-MS: 500\r\n");
    front.clock.advance(expectedMs - 1);
    expect(client.taken()).toBe("");
    front.clock.advance(101);
    expect(client.taken()).toStartWith("HTTP/1.1 504 ");
    // The next request on the connection says nothing.
    client.receive(request("GET", "/"));
    front.backend();
    front.clock.advance(2_999);
    expect(client.taken()).toBe("");
    front.clock.advance(101);
    expect(client.taken()).toStartWith("HTTP/1.1 504 ");
  });
});
