import { describe, expect, test } from "bun:test";
import { Outcome } from "../../src/core/outcome.ts";
import { refused, reset, ScriptedFailure, type SentTry } from "../simulation/scripted-transport.ts";
import { answeredAfter, ORIGINS, scriptedBalancer, streamingPost, streamOf } from "./scripted-balancer.ts";

const [A, B, C] = ORIGINS;
const get = (path = "/") => new Request(`http://lb${path}`);
const post = (body = "x") =>
  new Request("http://lb/", { method: "POST", body, headers: { "content-length": `${body.length}` } });

function bodyOf({ outbound }: SentTry): Promise<string> {
  return new Response(outbound.body()).text();
}

describe("a try that failed", () => {
  test("to connect goes to the next backend, for every method, and the client sees none of it", async () => {
    for (const method of ["GET", "POST", "DELETE", "PATCH"]) {
      const { lb, transport, failures } = scriptedBalancer(({ backend }) => {
        if (backend.origin === A) throw refused();
        return new Response("fine");
      });
      const response = await lb.fetch(new Request("http://lb/x", { method }));
      expect([response.status, await response.text()]).toEqual([200, "fine"]);
      expect(transport.origins).toEqual([A, B]);
      expect(failures).toEqual([{ backend: A, method, url: "http://lb/x", reason: "connection refused" }]);
    }
  });

  test("never goes to the same backend twice while there is another", async () => {
    const setUp = scriptedBalancer(
      () => {
        throw reset();
      },
      { retries: 5 },
    );
    const { lb, transport } = setUp;
    const { response } = await answeredAfter(setUp, lb.fetch(get()));
    expect(response.status).toBe(502);
    expect(new Set(transport.origins.slice(0, 3)).size).toBe(3);
    expect(transport.tries).toHaveLength(6);
  });

  test("goes elsewhere even when it is the turn of the one that failed", async () => {
    let fail = () => {};
    const { lb, transport } = scriptedBalancer(
      (_, index) =>
        index === 0
          ? new Promise((_, reject) => {
              fail = () => reject(reset());
            })
          : new Response("ok"),
      { backends: [A, B] },
    );
    const first = lb.fetch(get());
    await lb.fetch(get());
    // A's turn again.
    fail();
    expect((await first).status).toBe(200);
    expect(transport.origins).toEqual([A, B, B]);
  });

  test("is tried at most 1 + retries times", async () => {
    for (const retries of [0, 1, 2, 4]) {
      const setUp = scriptedBalancer(
        () => {
          throw reset();
        },
        { retries },
      );
      const { lb, transport } = setUp;
      await answeredAfter(setUp, lb.fetch(get()));
      expect(transport.tries).toHaveLength(1 + retries);
    }
  });

  test("by a reset repeats what is idempotent only", async () => {
    const expected = { GET: 3, PUT: 3, DELETE: 3, OPTIONS: 3, POST: 1, PATCH: 1 };
    for (const [method, tries] of Object.entries(expected)) {
      const { lb, transport } = scriptedBalancer(() => {
        throw reset();
      });
      const response = await lb.fetch(new Request("http://lb/", { method }));
      expect([method, response.status, transport.tries.length]).toEqual([method, 502, tries]);
    }
  });

  test("is left alone where its kind is not asked for", async () => {
    const { lb, transport } = scriptedBalancer(
      () => {
        throw reset();
      },
      { retryOn: ["connect"] },
    );
    await lb.fetch(get());
    expect(transport.tries).toHaveLength(1);
  });

  test("once an answer began, whatever its status, there is no other unless it is asked for", async () => {
    const { lb, transport } = scriptedBalancer(() => new Response("no", { status: 503 }));
    const response = await lb.fetch(get());
    expect([response.status, await response.text()]).toEqual([503, "no"]);
    expect(transport.tries).toHaveLength(1);
  });
});

describe("a body", () => {
  test("that is short is sent again whole", async () => {
    const bodies: string[] = [];
    const { lb } = scriptedBalancer(async (sent, index) => {
      bodies.push(await bodyOf(sent));
      if (index === 0) throw refused();
      return new Response("ok");
    });
    expect((await lb.fetch(post("hello"))).status).toBe(200);
    expect(bodies).toEqual(["hello", "hello"]);
  });

  test("that streams is sent again from its first byte, however much of it the failed try took", async () => {
    const bodies: string[] = [];
    const { lb } = scriptedBalancer(async (sent, index) => {
      if (index === 0) {
        const reader = (sent.outbound.body() as ReadableStream<Uint8Array>).getReader();
        await reader.read();
        throw refused();
      }
      bodies.push(await bodyOf(sent));
      return new Response("ok");
    });
    expect((await lb.fetch(streamingPost(streamOf(["one ", "two ", "three"])))).status).toBe(200);
    expect(bodies).toEqual(["one two three"]);
  });

  test("of which more was read than is kept is not tried again", async () => {
    const { lb, transport } = scriptedBalancer(async (sent) => {
      await bodyOf(sent);
      throw refused();
    });
    const response = await lb.fetch(streamingPost(streamOf(new Array<string>(80).fill("x".repeat(1_000)))));
    expect(response.status).toBe(502);
    expect(transport.tries).toHaveLength(1);
  });

  test("that breaks off is the client's failure: 400, no other try, and nothing held against the backend", async () => {
    const { lb, transport } = scriptedBalancer(async (sent) => {
      await bodyOf(sent);
      return new Response("never");
    });
    const response = await lb.fetch(streamingPost(streamOf(["one"], new Error("the client broke off"))));
    expect(response.status).toBe(400);
    expect(transport.tries).toHaveLength(1);
    expect(lb.status().backends[0]).toMatchObject({ failures: 0, inFlight: 0, alive: true });
  });

  test("that breaks off before its first byte reaches no backend", async () => {
    const { lb, transport } = scriptedBalancer(() => new Response("never"));
    const broken = new ReadableStream({
      pull(controller) {
        controller.error(new Error("the client broke off"));
      },
    });
    const request = new Request("http://lb/", {
      method: "POST",
      body: broken,
      headers: { "content-length": "5" },
      duplex: "half",
    } as RequestInit);
    expect((await lb.fetch(request)).status).toBe(400);
    expect(transport.tries).toHaveLength(0);
  });

  test("is let go when no backend took it", async () => {
    let isCancelled = false;
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(10)),
      cancel: () => {
        isCancelled = true;
      },
    });
    const { lb } = scriptedBalancer(() => {
      throw refused();
    });
    expect((await lb.fetch(streamingPost(source))).status).toBe(502);
    expect(isCancelled).toBe(true);
  });
});

describe("a backend that refuses", () => {
  test("is out at once, so that the next request does not meet it", async () => {
    const { lb, transport, changes } = scriptedBalancer(({ backend }) => {
      if (backend.origin === A) throw refused();
      return new Response("ok");
    });
    for (let count = 0; count < 6; count++) await lb.fetch(get());
    expect(transport.origins.filter((origin) => origin === A)).toHaveLength(1);
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ available: false, byTraffic: true, reason: "connection refused" });
    expect(lb.status().backends.map(({ alive }) => alive)).toEqual([false, true, true]);
  });

  test("leaves nothing when it was the last: 503 with Retry-After, and back after ten seconds", async () => {
    let isDown = true;
    const { lb, clock, transport } = scriptedBalancer(() => {
      if (isDown) throw refused();
      return new Response("ok");
    });
    expect((await lb.fetch(get())).status).toBe(502);
    const response = await lb.fetch(get());
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("10");
    expect(response.headers.get("proxy-status")).toBe("lb; error=destination_unavailable");
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(transport.tries).toHaveLength(3);
    isDown = false;
    clock.advance(10_000);
    expect((await lb.fetch(get())).status).toBe(200);
  });

  test("Retry-After is the interval of the checks where there are any", async () => {
    const { lb } = scriptedBalancer(
      () => {
        throw refused();
      },
      { healthCheck: { intervalMs: 2_500 }, retries: 0, backends: [A] },
    );
    await lb.fetch(get());
    const response = await lb.fetch(get());
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "3"]);
  });
});

describe("what the client is told when no try gave an answer", () => {
  test.each([
    ["connectFailed", 502, "lb; error=connection_refused"],
    ["reset", 502, "lb; error=connection_terminated"],
    ["malformed", 502, "lb; error=http_protocol_error"],
    ["timedOut", 504, "lb; error=http_response_timeout"],
  ] as const)("%s: %d, %s", async (kind, status, proxyStatus) => {
    const { lb } = scriptedBalancer(() => {
      throw new ScriptedFailure(Outcome[kind], kind);
    });
    const response = await lb.fetch(get());
    expect([response.status, response.headers.get("proxy-status")]).toEqual([status, proxyStatus]);
    expect(await response.json()).toMatchObject({ status });
  });
});

test("retries stay within the budget: 100 of 450 failing requests are tried again", async () => {
  const { lb, transport } = scriptedBalancer(
    () => {
      throw reset();
    },
    { retries: 1 },
  );
  for (let count = 0; count < 450; count++) await lb.fetch(get());
  expect(transport.tries).toHaveLength(450 + 100);
});

test("tiers: the second serves while the first is out, and not a moment longer", async () => {
  let isDown = true;
  const { lb, clock, transport } = scriptedBalancer(
    ({ backend }) => {
      if (backend.origin === A && isDown) throw refused();
      return new Response("ok");
    },
    { backends: [A, `${B};tier=1`, `${C};tier=1`] },
  );
  for (let count = 0; count < 3; count++) expect((await lb.fetch(get())).status).toBe(200);
  expect(transport.origins).toEqual([A, B, C, B]);
  isDown = false;
  clock.advance(10_000);
  await lb.fetch(get());
  expect(transport.origins.at(-1)).toBe(A);
});
