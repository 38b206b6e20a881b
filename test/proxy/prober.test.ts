import { describe, expect, test } from "bun:test";
import { type Backend, Exclusion } from "../../src/core/backend.ts";
import { Health } from "../../src/core/health.ts";
import { Outcome } from "../../src/core/outcome.ts";
import { seededRandom } from "../../src/core/random.ts";
import { Prober } from "../../src/proxy/prober.ts";
import { refused, ScriptedFailure, silence } from "../simulation/scripted-transport.ts";
import { always, ok, RULES, setUp } from "./probing.ts";

describe("the schedule", () => {
  test("every backend at once, then every interval", async () => {
    const { prober, members, clock, probes } = setUp(ok, { backends: 2, random: always(1_000) });
    prober.watch(members);
    await clock.run(25_000);
    expect(probes.map(({ atMs, origin }) => [atMs, origin])).toEqual(
      [0, 10_000, 20_000].flatMap((atMs) => members.map(({ origin }) => [atMs, origin])),
    );
  });

  test("intervals vary by 10 % both ways, and not more", async () => {
    const { prober, members, clock, probes } = setUp(ok);
    prober.watch(members);
    await clock.run(10_000_000);
    const gaps = probes.slice(1).map(({ atMs }, index) => atMs - (probes[index]?.atMs ?? 0));
    expect(gaps.length).toBeGreaterThan(900);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(9_000 - 1e-6);
    expect(Math.min(...gaps)).toBeLessThan(9_050);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(11_000 + 1e-6);
    expect(Math.max(...gaps)).toBeGreaterThan(10_950);
  });

  test("a backend that is not up yet is asked after a second, two, four and so on; once it was up, every interval", async () => {
    let isUp = false;
    const { prober, members, clock, probes } = setUp(
      () => {
        if (isUp) return ok();
        throw refused();
      },
      { random: always(1_000), rules: { fallsBack: false } },
    );
    prober.watch(members);
    await clock.run(36_500);
    expect(probes.map(({ atMs }) => atMs)).toEqual([0, 1_000, 3_000, 7_000, 15_000, 25_000, 35_000]);
    isUp = true;
    await clock.run(10_000);
    isUp = false;
    await clock.run(21_000);
    expect(probes.slice(7).map(({ atMs }) => atMs)).toEqual([45_000, 55_000, 65_000]);
  });

  test("counts from the start of a check, so a slow answer does not make them rarer", async () => {
    const setup = setUp(
      async () => {
        await new Promise<void>((resolve) => setup.clock.after(1_500, resolve));
        return ok();
      },
      { random: always(1_000) },
    );
    setup.prober.watch(setup.members);
    await setup.clock.run(25_000);
    expect(setup.probes.map(({ atMs }) => atMs)).toEqual([0, 10_000, 20_000]);
  });

  test("a probe asks as the balancer itself", async () => {
    const { prober, members, clock, transport } = setUp(ok);
    prober.watch(members);
    await clock.run(1);
    const { outbound } = transport.tries[0] ?? {};
    expect(outbound?.method).toBe("GET");
    expect(outbound?.body()).toBeNull();
    expect(Object.fromEntries(outbound?.headers ?? [])).toEqual({
      host: members[0]?.host as string,
      "user-agent": "lb-health-check",
      accept: "*/*",
    });
  });
});

describe("what counts as healthy", () => {
  test.each([
    [200, true],
    [204, true],
    [302, true],
    [404, true],
    [499, true],
    [500, false],
    [503, false],
  ])("%d: %p, and / is not asked", async (status, available) => {
    const { prober, members, clock, probes, changes } = setUp(() => new Response(null, { status }));
    prober.watch(members);
    await clock.run(100);
    expect(probes.map(({ target }) => target)).toEqual(["/health"]);
    expect(changes).toMatchObject([
      { available, byTraffic: false, reason: `GET /health answered ${status}` },
    ]);
  });

  test("after a connection error / is asked, and decides", async () => {
    const { prober, members, clock, probes, changes } = setUp(({ outbound }) => {
      if (outbound.target === "/health") throw refused();
      return ok();
    });
    prober.watch(members);
    await clock.run(100);
    expect(probes.map(({ target }) => target)).toEqual(["/health", "/"]);
    expect(changes).toMatchObject([{ available: true, reason: "GET / answered 200" }]);
  });

  test("after a time-out / is asked; if that times out too, the backend is down", async () => {
    const { prober, members, clock, probes, changes, transport } = setUp(({ signal }) => silence(signal));
    prober.watch(members);
    await clock.run(4_050);
    expect(probes).toMatchObject([
      { target: "/health", atMs: 0 },
      { target: "/", atMs: 2_000 },
    ]);
    expect(transport.tries.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(changes).toMatchObject([{ available: false, reason: "GET / failed: no answer within 2000 ms" }]);
  });

  test("nothing else is asked where the path was configured", async () => {
    const { prober, members, clock, probes, changes } = setUp(
      () => {
        throw refused();
      },
      { rules: { path: "/up", fallsBack: false } },
    );
    prober.watch(members);
    await clock.run(100);
    expect(probes).toHaveLength(1);
    expect(changes).toMatchObject([{ available: false, reason: "GET /up failed: connection refused" }]);
  });

  test("checks go on for one that is down, and bring it back", async () => {
    let isDown = true;
    const { prober, members, clock, changes } = setUp(
      () => new Response(null, { status: isDown ? 503 : 200 }),
    );
    prober.watch(members);
    await clock.run(30_000);
    isDown = false;
    await clock.run(12_000);
    expect(changes.map(({ available }) => available)).toEqual([false, true]);
  });

  test("an answer whose body cannot be let go of is an answer, and checks go on", async () => {
    const stuck = () =>
      new Response(
        new ReadableStream({
          cancel: () => new Promise(() => {}),
        }),
      );
    const { prober, members, clock, probes, changes } = setUp(stuck, { random: always(1_000) });
    prober.watch(members);
    await clock.run(25_000);
    expect(probes.map(({ atMs }) => atMs)).toEqual([0, 10_000, 20_000]);
    expect(changes.map(({ available }) => available)).toEqual([true]);
  });
});

test("a check that this side has no room for says nothing, and the next one comes in its turn", async () => {
  const { prober, members, clock, probes, changes } = setUp(
    (_, index) => {
      if (index > 0) throw new ScriptedFailure(Outcome.noRoom, "this process has too many open files");
      return ok();
    },
    { random: always(1_000) },
  );
  prober.watch(members);
  await clock.run(25_000);
  expect(probes.map(({ target }) => target)).toEqual(["/health", "/health", "/health"]);
  expect(changes.map(({ available }) => available)).toEqual([true]);
});

describe("while a backend is down", () => {
  test("it is asked at an interval of its own", async () => {
    let status = 503;
    const { prober, members, clock, probes } = setUp(() => new Response(null, { status }), {
      rules: { intervalDownMs: 2_000 },
      random: always(1_000),
    });
    prober.watch(members);
    await clock.run(5_000);
    status = 200;
    await clock.run(15_000);
    expect(probes.map(({ atMs }) => atMs)).toEqual([0, 2_000, 4_000, 6_000, 16_000]);
  });

  test("it is known whether anything could connect", async () => {
    let answer: () => Response = () => {
      throw refused();
    };
    const { prober, members, clock } = setUp(() => answer());
    prober.watch(members);
    await clock.run(1);
    const [backend] = members as [Backend];
    expect([backend.available, backend.isExcluded(Exclusion.unreachable)]).toEqual([false, true]);
    answer = () => new Response(null, { status: 500 });
    await clock.run(12_000);
    expect([backend.available, backend.isExcluded(Exclusion.unreachable)]).toEqual([false, false]);
  });
});

test("no check is due any more for a backend whose end is the answer to a check", async () => {
  const stage = setUp(ok);
  const health = new Health({ rise: 1, fall: 1, checked: true }, stage.clock, () => prober.watch([]));
  const prober = new Prober(RULES, stage.transport, health, stage.clock, seededRandom(1));
  prober.watch(stage.members);
  await stage.clock.run(1);
  expect(stage.clock.pending).toBe(0);
});

describe("hasten", () => {
  test("brings the next check forward to within a second", async () => {
    const { prober, members, clock, probes } = setUp(ok, { random: always(1_000) });
    prober.watch(members);
    await clock.run(3_000);
    prober.hasten(members[0] as Backend);
    await clock.run(1_000);
    expect(probes.map(({ atMs }) => atMs)).toEqual([0, 4_000]);
    await clock.run(10_000);
    expect(probes.map(({ atMs }) => atMs)).toEqual([0, 4_000, 14_000]);
  });

  test("never puts off a check that is nearer", async () => {
    const { prober, members, clock, probes } = setUp(ok, { random: always(1_000) });
    prober.watch(members);
    await clock.run(9_500);
    for (let count = 0; count < 5; count++) prober.hasten(members[0] as Backend);
    await clock.run(1_000);
    expect(probes.map(({ atMs }) => atMs)).toEqual([0, 10_000]);
  });

  test("while a check is under way makes the one after it come soon", async () => {
    const { prober, members, clock, probes } = setUp(({ signal }, index) =>
      index === 0 ? silence(signal) : ok(),
    );
    prober.watch(members);
    await clock.run(500);
    prober.hasten(members[0] as Backend);
    await clock.run(4_000);
    expect(probes.map(({ atMs }) => atMs)).toEqual([0, 2_000, 3_000]);
  });

  test("of a backend that is not watched does nothing", () => {
    const { prober, members, clock } = setUp(ok);
    prober.hasten(members[0] as Backend);
    expect(clock.pending).toBe(0);
  });
});

describe("watch", () => {
  test("stops the checks of those who left, and leaves no timer", async () => {
    const { prober, members, clock, probes } = setUp(ok, { backends: 2, random: always(1_000) });
    const [kept, left] = members as [Backend, Backend];
    prober.watch(members);
    await clock.run(5_000);
    prober.watch([kept]);
    await clock.run(30_000);
    expect(probes.filter(({ origin }) => origin === left.origin)).toHaveLength(1);
    expect(probes.filter(({ origin }) => origin === kept.origin)).toHaveLength(4);
    prober.watch([]);
    expect(clock.pending).toBe(0);
  });

  test("aborts a check under way of one that left, and takes in nothing from it", async () => {
    const { prober, members, clock, transport, changes, probes } = setUp(({ signal }) => silence(signal));
    prober.watch(members);
    await clock.run(500);
    prober.watch([]);
    expect(transport.tries[0]?.signal.aborted).toBe(true);
    await clock.run(60_000);
    expect(changes).toEqual([]);
    expect(probes).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test("asks a new one at once, and does not ask the others again", async () => {
    const { prober, members, clock, probes } = setUp(ok, { backends: 2, random: always(1_000) });
    const [first, added] = members as [Backend, Backend];
    prober.watch([first]);
    await clock.run(5_000);
    prober.watch([first, added]);
    await clock.run(100);
    expect(probes.map(({ atMs, origin }) => [atMs, origin])).toEqual([
      [0, first.origin],
      [5_000, added.origin],
    ]);
  });
});
