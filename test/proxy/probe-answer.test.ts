import { describe, expect, test } from "bun:test";
import type { ProbeRules } from "../../src/config/resolved.ts";
import type { Backend } from "../../src/core/backend.ts";
import { always, ok, RULES, setUp } from "./probing.ts";

describe("what a check asks, and what it takes", () => {
  test("method, Host and fields as configured", async () => {
    const rules: Partial<ProbeRules> = {
      method: "OPTIONS",
      host: "app.example.com",
      headers: { "x-probe": "1", "User-Agent": "watcher" },
    };
    const { prober, members, clock, transport, changes } = setUp(ok, { rules });
    prober.watch(members);
    await clock.run(1);
    expect(transport.tries[0]?.outbound.method).toBe("OPTIONS");
    expect(Object.fromEntries(transport.tries[0]?.outbound.headers ?? [])).toEqual({
      host: "app.example.com",
      "user-agent": "watcher",
      accept: "*/*",
      "x-probe": "1",
    });
    expect(changes).toMatchObject([{ reason: "OPTIONS /health answered 200" }]);
  });

  test.each([
    [200, true],
    [299, true],
    [300, false],
    [404, true],
    [503, false],
  ])("statuses as configured: %d, %p", async (status, available) => {
    const statuses = [
      [200, 299],
      [404, 404],
    ] as const;
    const { prober, members, clock, changes } = setUp(() => new Response(null, { status }), {
      rules: { statuses },
    });
    prober.watch(members);
    await clock.run(1);
    expect(changes.map((change) => change.available)).toEqual([available]);
  });

  const NEEDLE = "all is well";
  const chunked = (...chunks: readonly string[]) =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
        controller.close();
      },
    });

  test.each<[string, string | RegExp, () => BodyInit | null, boolean]>([
    ["a text", NEEDLE, () => `<p>${NEEDLE}</p>`, true],
    ["a text over two chunks", NEEDLE, () => chunked("so all is", " well, thanks"), true],
    ["letters over two chunks", "\u00e9t\u00e9", () => chunked("\u00e9t\u00e9"), true],
    ["no such text", NEEDLE, () => "all is bad", false],
    ["no body", NEEDLE, () => null, false],
    ["a pattern", /"status":\s*"(ok|warn)"/, () => '{"status": "warn"}', true],
    ["no such pattern", /^ok$/, () => "not ok", false],
    ["a pattern with a memory of its own", /ok/g, () => "ok", true],
    ["a text just within the prefix", "end", () => `${"x".repeat(65_533)}end`, true],
    ["a text just beyond it", "end", () => `${"x".repeat(65_534)}end`, false],
  ])("a body with %s", async (_name, body, answer, passes) => {
    const { prober, members, clock, changes } = setUp(() => new Response(answer()), { rules: { body } });
    prober.watch(members);
    await clock.run(25_000);
    expect(changes.map(({ available }) => available)).toEqual([passes]);
    const wanted = typeof body === "string" ? JSON.stringify(body) : String(body);
    const expected = passes ? "answered 200" : `answered 200 without ${wanted} in its body`;
    expect(changes[0]?.reason).toBe(`GET /health ${expected}`);
  });

  test("a body without end is read no further than it must, and let go of", async () => {
    let isLetGo = false;
    let pulled = 0;
    const endless = () =>
      new Response(
        new ReadableStream<Uint8Array>(
          {
            pull(controller) {
              pulled += 1;
              controller.enqueue(new Uint8Array(1_000));
            },
            cancel() {
              isLetGo = true;
            },
          },
          { highWaterMark: 0 },
        ),
      );
    const { prober, members, clock, changes } = setUp(endless, { rules: { body: NEEDLE } });
    prober.watch(members);
    await clock.run(1);
    expect([isLetGo, pulled]).toEqual([true, 66]);
    expect(changes).toMatchObject([{ available: false }]);
  });

  test("a silent body is waited for no longer than an answer, and the checks go on", async () => {
    const silent = () => new Response(new ReadableStream<Uint8Array>({}));
    const { prober, members, clock, changes, probes } = setUp(silent, {
      rules: { body: NEEDLE, fallsBack: false },
      random: always(1_000),
    });
    prober.watch(members);
    await clock.run(12_500);
    expect(changes).toMatchObject([{ reason: "GET /health failed: no answer within 2000 ms" }]);
    expect(probes.map(({ atMs }) => atMs)).toEqual([0, 2_100, 4_300, 8_300]);
  });

  test("each as configured for it, also when that changes", async () => {
    const { prober, members, clock, probes } = setUp(ok, { backends: 2, random: always(1_000) });
    const [first, second] = members as [Backend, Backend];
    const own = { ...RULES, path: "/own", intervalMs: 5_000 };
    prober.watch(members, new Map([[second.origin, own]]));
    await clock.run(6_000);
    expect(probes.map(({ atMs, origin, target }) => [atMs, origin, target])).toEqual([
      [0, first.origin, "/health"],
      [0, second.origin, "/own"],
      [5_000, second.origin, "/own"],
    ]);
    prober.watch(members);
    await clock.run(5_000);
    expect(probes.slice(3).map(({ target }) => target)).toEqual(["/health", "/health"]);
  });
});
