import { describe, expect, test } from "bun:test";
import { Backend, Exclusion } from "../../src/core/backend.ts";
import { probeTarget } from "../../src/proxy/probe-target.ts";
import { refused } from "../simulation/scripted-transport.ts";
import { always, ok, RULES, setUp } from "./probing.ts";

describe("on another port", () => {
  const backend = new Backend({ origin: "https://a.test:8443", weight: 1, tier: 0 });
  const rules = { port: 9_000, path: "/up", fallsBack: false };

  test("the same host is asked, by that port, and always by the same connections", async () => {
    const { prober, clock, transport, changes } = setUp(ok, { rules });
    prober.watch([backend]);
    await clock.run(25_000);
    const [first] = transport.tries;
    expect(transport.origins).toEqual(Array(3).fill("https://a.test:9000"));
    expect(new Set(transport.tries.map((sent) => sent.backend)).size).toBe(1);
    expect(first?.outbound.headers.get("host")).toBe("a.test:9000");
    expect(changes).toMatchObject([{ backend, available: true, reason: "GET :9000/up answered 200" }]);
  });

  test("a refused connection says that it is down, and not that nothing connects to where traffic goes", async () => {
    const { prober, clock, changes } = setUp(
      () => {
        throw refused();
      },
      { rules },
    );
    prober.watch([backend]);
    await clock.run(1);
    expect(changes.at(-1)).toMatchObject({
      state: "down",
      reason: "GET :9000/up failed: connection refused",
    });
    expect(backend.isExcluded(Exclusion.unreachable)).toBe(false);
  });

  test.each([
    ["refused", refused()],
    ["answered 503", new Response(null, { status: 503 })],
  ])("one that is %s leaves a backend out that traffic found dead, until one is good", async (_, failure) => {
    let isGood = false;
    const { prober, health, clock, changes } = setUp(
      () => {
        if (isGood) return ok();
        if (failure instanceof Response) return failure;
        throw failure;
      },
      { rules, random: always(1_000) },
    );
    const dead = new Backend({ origin: "http://a.test:1", weight: 1, tier: 0 });
    health.unreachable(dead, "connection refused");
    prober.watch([dead]);
    await clock.run(25_000);
    expect(dead.isExcluded(Exclusion.unreachable)).toBe(true);
    expect(changes).toHaveLength(1);
    isGood = true;
    await clock.run(10_000);
    expect(dead.isExcluded(Exclusion.unreachable)).toBe(false);
    expect(changes.at(-1)).toMatchObject({ state: "up" });
  });

  test("a backend whose own port it is has but one set of connections", async () => {
    const { prober, members, clock, transport } = setUp(ok, { rules });
    const own = new Backend({ origin: "http://a.test:9000", weight: 1, tier: 0 });
    prober.watch([own, ...members]);
    await clock.run(1);
    expect(transport.tries[0]?.backend).toBe(own);
  });

  test("other rules are asked by as soon as they are known", async () => {
    const { prober, members, clock, transport } = setUp(ok, { random: always(1_000) });
    const [member] = members as [Backend];
    const port = (number: number) => new Map([[member.origin, { ...RULES, port: number }]]);
    for (const ports of [port(1_001), port(1_002), undefined]) {
      prober.watch(members, ports);
      await clock.run(10_000);
    }
    const { hostname } = new URL(member.origin);
    const asked = [`http://${hostname}:1001`, `http://${hostname}:1002`, member.origin];
    expect(transport.origins).toEqual(asked.flatMap((origin) => [origin, origin]));
  });
});

describe("with TLS of their own", () => {
  const at = (origin: string, rules: Partial<typeof RULES>) => {
    const backend = new Backend({ origin, weight: 1, tier: 0 });
    const target = probeTarget(backend, { ...RULES, ...rules });
    return target === backend ? "itself" : [target.origin, target.tls];
  };
  const tls = { serverName: "app.internal" };

  test.each([
    ["https://a.test", { tls }, ["https://a.test", tls]],
    ["https://a.test", { tls, port: 9_000 }, ["https://a.test:9000", tls]],
    ["https://a.test", { tls: false, port: 9_000 }, ["http://a.test:9000", undefined]],
    ["https://a.test", { tls: false, port: 80 }, ["http://a.test", undefined]],
    ["https://a.test", { tls: false }, ["http://a.test:443", undefined]],
    ["https://[::1]:8443", { tls: false }, ["http://[::1]:8443", undefined]],
    ["https://a.test", { tls: {} }, "itself"],
    ["https://a.test", { port: 443 }, "itself"],
    ["http://a.test", { tls }, "itself"],
    ["http://a.test", { tls: false }, "itself"],
    ["http://a.test", { tls, port: 443 }, ["http://a.test:443", undefined]],
    ["unix:/run/a.sock", { tls, port: 1 }, "itself"],
  ] as const)("%s by %j", (origin, rules, expected) => {
    expect(at(origin, rules)).toEqual(expected as ReturnType<typeof at>);
  });
});
