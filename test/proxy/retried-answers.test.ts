import { describe, expect, test } from "bun:test";
import type { ClientInfo } from "../../src/proxy/client.ts";
import { reset, type Script, ScriptedBody } from "../simulation/scripted-transport.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { answeredAfter, ORIGINS, scriptedBalancer, streamingPost, streamOf } from "./scripted-balancer.ts";

const [A, B, C] = ORIGINS;
const get = (signal?: AbortSignal) => new Request("http://lb/x", signal === undefined ? {} : { signal });
const unavailable = (headers: HeadersInit = {}) => new Response("no", { status: 503, headers });

/** The first backend says 503, all others are fine. */
const firstUnavailable: Script = ({ backend }) =>
  backend.origin === A ? unavailable() : new Response("fine");

describe("an answer with a status that is tried again", () => {
  test.each([500, 502, 503, 504] as const)("%d: the client gets another backend's", async (status) => {
    const { lb, transport, failures } = scriptedBalancer(
      ({ backend }) => (backend.origin === A ? new Response("no", { status }) : new Response("fine")),
      { retryOn: [status] },
    );
    const response = await lb.fetch(get());
    expect([response.status, await response.text()]).toEqual([200, "fine"]);
    expect(transport.origins).toEqual([A, B]);
    expect(failures).toEqual([
      { backend: A, method: "GET", url: "http://lb/x", reason: `answered ${status}` },
    ]);
    expect(lb.status().backends[0]).toMatchObject({ requests: 1, failures: 1, inFlight: 0 });
  });

  test("is left alone where it is another one", async () => {
    const { lb, transport } = scriptedBalancer(firstUnavailable, { retryOn: [502, 504] });
    expect((await lb.fetch(get())).status).toBe(503);
    expect(transport.origins).toEqual([A]);
  });

  test("passes as it is for a request that may not be repeated", async () => {
    for (const method of ["POST", "PATCH"]) {
      const { lb, transport } = scriptedBalancer(firstUnavailable, { retryOn: [503] });
      const response = await lb.fetch(new Request("http://lb/", { method, body: "x" }));
      expect([response.status, await response.text(), transport.tries.length]).toEqual([503, "no", 1]);
    }
  });

  test("passes as it is where the body cannot be sent again", async () => {
    const { lb, transport } = scriptedBalancer(
      async ({ outbound }) => {
        await new Response(outbound.body()).text();
        return unavailable();
      },
      { retryOn: [503] },
    );
    const init = {
      method: "PUT",
      body: streamOf(new Array<string>(80).fill("x".repeat(1_000))),
      headers: { "transfer-encoding": "chunked" },
      duplex: "half",
    };
    const response = await lb.fetch(new Request("http://lb/", init as RequestInit));
    expect([response.status, await response.text(), transport.tries.length]).toEqual([503, "no", 1]);
  });

  test("is the client's, whole, when it is the last", async () => {
    const { lb, transport } = scriptedBalancer(
      ({ backend }) => new Response(`no from ${backend.origin}`, { status: 503, headers: { "x-a": "1" } }),
      { retryOn: [503], retries: 2 },
    );
    const response = await lb.fetch(get());
    expect(transport.origins).toEqual([A, B, C]);
    expect([response.status, response.headers.get("x-a"), await response.text()]).toEqual([
      503,
      "1",
      `no from ${C}`,
    ]);
  });

  test("is cancelled if it is not whole", async () => {
    let body: ScriptedBody | undefined;
    const { lb } = scriptedBalancer(
      ({ backend, signal }) => {
        if (backend.origin !== A) return new Response("fine");
        body = new ScriptedBody(signal);
        return new Response(body.stream, { status: 503 });
      },
      { retryOn: [503] },
    );
    expect(await (await lb.fetch(get())).text()).toBe("fine");
    await settled();
    expect(body?.isCancelled).toBe(true);
    expect(lb.status().inFlight).toBe(0);
  });

  test("leaves the request's body whole for the next", async () => {
    const bodies: string[] = [];
    const { lb } = scriptedBalancer(
      async (sent) => {
        bodies.push(await new Response(sent.outbound.body()).text());
        return firstUnavailable(sent, 0);
      },
      { retryOn: [503] },
    );
    const request = new Request("http://lb/", {
      method: "PUT",
      body: streamOf(["one ", "two"]),
      headers: { "transfer-encoding": "chunked" },
      duplex: "half",
    } as RequestInit);
    expect((await lb.fetch(request)).status).toBe(200);
    expect(bodies).toEqual(["one two", "one two"]);
  });
});

describe("Retry-After", () => {
  test("keeps a request from a backend until then", async () => {
    const setUp = scriptedBalancer(
      (_, index) => (index === 0 ? unavailable({ "retry-after": "3" }) : new Response("fine")),
      { retryOn: [503], backends: [A] },
    );
    const { response, ms } = await answeredAfter(setUp, setUp.lb.fetch(get()));
    expect(response.status).toBe(200);
    expect(ms).toBeGreaterThanOrEqual(3_000);
    expect(ms).toBeLessThanOrEqual(3_010);
  });

  test("passes with its answer if that is too late", async () => {
    const { lb, transport } = scriptedBalancer(() => unavailable({ "retry-after": "3" }), {
      retryOn: [503],
      backends: [A],
      timeoutMs: 3_000,
    });
    const response = await lb.fetch(get());
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "3"]);
    expect(transport.tries).toHaveLength(1);
  });

  test("means nothing beside another status", async () => {
    const setUp = scriptedBalancer(
      (_, index) =>
        index === 0
          ? new Response("no", { status: 502, headers: { "retry-after": "3" } })
          : new Response("fine"),
      { retryOn: [502], backends: [A] },
    );
    const { ms } = await answeredAfter(setUp, setUp.lb.fetch(get()));
    expect(ms).toBeLessThan(50);
  });
});

describe("a request that waits for its next try", () => {
  const failing: Script = () => {
    throw reset();
  };

  test("counts in the time-out", async () => {
    const setUp = scriptedBalancer(failing, { backends: [A], retries: 100, timeoutMs: 1_000 });
    const { response, ms } = await answeredAfter(setUp, setUp.lb.fetch(get()));
    expect(response.status).toBe(502);
    expect(ms).toBeLessThanOrEqual(1_010);
  });

  test("is over when its client leaves, and holds its connection until then", async () => {
    const calls: string[] = [];
    const client: ClientInfo = {
      address: "192.0.2.1",
      port: 1,
      tls: false,
      protocol: "1.1",
      hold: () => calls.push("hold"),
      release: () => calls.push("release"),
    };
    const script: Script = () => unavailable({ "retry-after": "30" });
    const { lb, clock, transport } = scriptedBalancer(script, { backends: [A], retryOn: [503] });
    const controller = new AbortController();
    const answer = lb.fetch(get(controller.signal), client);
    await clock.run(10_000);
    expect(calls).toEqual(["hold"]);
    controller.abort();
    expect((await answer).status).toBe(499);
    expect(calls).toEqual(["hold", "release"]);
    await clock.run(60_000);
    expect(transport.tries).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test("is not begun for a client that has left before", async () => {
    const controller = new AbortController();
    const { lb, clock, transport } = scriptedBalancer(
      () => {
        controller.abort();
        throw reset();
      },
      { backends: [A] },
    );
    const request = get(controller.signal);
    // A request's signal is made when it is looked at.
    expect(request.signal.aborted).toBe(false);
    expect((await lb.fetch(request)).status).toBe(499);
    await clock.run(1_000);
    expect(transport.tries).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test("is waited for by whoever drains", async () => {
    let isDrained = false;
    const { lb, clock } = scriptedBalancer(
      (_, index) => (index === 0 ? unavailable({ "retry-after": "2" }) : new Response("fine")),
      { backends: [A], retryOn: [503] },
    );
    const answer = lb.fetch(get());
    await settled();
    expect(lb.status().inFlight).toBe(0);
    void lb.drain(60_000).then(() => {
      isDrained = true;
    });
    await clock.run(1_900);
    expect(isDrained).toBe(false);
    await clock.run(100);
    expect(await (await answer).text()).toBe("fine");
    await clock.run(100);
    expect(isDrained).toBe(true);
  });

  test("may have a body that is still coming", async () => {
    const bodies: string[] = [];
    const setUp = scriptedBalancer(
      async ({ outbound }, index) => {
        if (index === 0) {
          await (outbound.body() as ReadableStream<Uint8Array>).getReader().read();
          throw reset();
        }
        bodies.push(await new Response(outbound.body()).text());
        return new Response("fine");
      },
      { backends: [A], retryOn: ["reset"] },
    );
    const post = streamingPost(streamOf(["one ", "two ", "three"]));
    const put = new Request(post, { method: "PUT" });
    const { response } = await answeredAfter(setUp, setUp.lb.fetch(put));
    expect(response.status).toBe(200);
    expect(bodies).toEqual(["one two three"]);
  });
});
