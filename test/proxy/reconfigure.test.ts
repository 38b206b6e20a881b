import { describe, expect, test } from "bun:test";
import { isSame } from "../../src/serving/same.ts";
import { type Script, silence } from "../simulation/scripted-transport.ts";
import { answeredAfter, ORIGINS, scriptedBalancer } from "./scripted-balancer.ts";

const ok: Script = () => new Response("ok");
const get = (path = "/") => new Request(`http://lb${path}`);
const BASE = { backends: ORIGINS, healthCheck: false } as const;

describe("a balancer that goes by another config", () => {
  test("keeps what is known of the backends that stay, and forgets the others", async () => {
    const { lb, transport } = scriptedBalancer(ok);
    for (let request = 0; request < 6; request++) await (await lb.fetch(get())).text();
    lb.reconfigure({ ...BASE, backends: [ORIGINS[1], "http://new:1"], algorithm: "least-connections" });
    expect(lb.status().backends.map(({ url, requests }) => [url, requests])).toEqual([
      [ORIGINS[1], 2],
      ["http://new:1", 0],
    ]);
    for (let request = 0; request < 4; request++) await (await lb.fetch(get())).text();
    expect(new Set(transport.origins.slice(6))).toEqual(new Set([ORIGINS[1], "http://new:1"]));
  });

  test("changes nothing if it is wrong, and says why", async () => {
    const { lb } = scriptedBalancer(ok);
    const before = lb.status();
    expect(() => lb.reconfigure({ ...BASE, backends: ["http://new:1"], retries: -1 })).toThrow(
      "retries: found -1",
    );
    expect(lb.status()).toEqual(before);
    expect((await lb.fetch(get())).status).toBe(200);
  });

  test("takes up time-outs and paths of its own for the requests that come", async () => {
    const balancer = scriptedBalancer(({ signal }) => silence(signal), { timeoutMs: 5_000 });
    const { lb } = balancer;
    const early = answeredAfter(balancer, lb.fetch(get()));
    lb.reconfigure({ ...BASE, timeoutMs: 1_000, statusPath: "/how" });
    const late = await answeredAfter(balancer, lb.fetch(get()));
    expect(late.response.status).toBe(504);
    expect(late.ms).toBeLessThan(1_200);
    expect((await lb.fetch(get("/how"))).status).toBe(200);
    expect((await early).ms).toBeGreaterThan(4_900);
  });

  test("goes back to the config that it had, after setBackends", () => {
    const { lb } = scriptedBalancer(ok);
    lb.setBackends(["http://other:1"]);
    lb.reconfigure(BASE);
    expect(lb.status().backends.map(({ url }) => url)).toEqual([...ORIGINS]);
  });

  test("does not begin its turns anew for a config that says the same", async () => {
    const { lb, transport } = scriptedBalancer(ok);
    for (let request = 0; request < 30; request++) {
      await (await lb.fetch(get())).text();
      lb.reconfigure({ ...BASE });
    }
    const counts = ORIGINS.map((origin) => transport.origins.filter((each) => each === origin).length);
    expect(counts).toEqual([10, 10, 10]);
  });
});

test.each([
  [1, 1, true],
  [Number.NaN, Number.NaN, true],
  [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, true],
  [{ a: 1 }, { a: 1, b: undefined }, false],
  [{ b: undefined }, { a: undefined }, false],
  [[1, 2], [1, 2, 3], false],
  [[], {}, false],
  [null, {}, false],
  [/a/i, /a/i, true],
  [/a/i, /a/, false],
  [() => 1, () => 1, false],
])("whether %p and %p are the same: %p", (one, other, expected) => {
  expect(isSame(one, other)).toBe(expected);
  expect(isSame(other, one)).toBe(expected);
});
