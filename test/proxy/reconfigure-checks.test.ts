/** Checks while a balancer goes over to another config: what differs counts from then on, and what was seen stays. */
import { describe, expect, test } from "bun:test";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { ORIGINS, scriptedBalancer } from "./scripted-balancer.ts";

const [A, B] = ORIGINS;
const CHECK = { path: "/up", intervalMs: 1_000, rise: 9, fall: 9 } as const;

describe.each([
  ["of all", (own: object): LoadBalancerConfig => ({ backends: [A], healthCheck: { ...CHECK, ...own } })],
  [
    "of its own",
    (own: object): LoadBalancerConfig => ({ backends: [{ url: A, healthCheck: own }], healthCheck: CHECK }),
  ],
])("streaks that a backend has by then count on by a rule %s", (_, config) => {
  /** A balancer with one backend that was checked with these statuses, and what its next checks make of it. */
  async function checked(before: LoadBalancerConfig, ...statuses: readonly number[]) {
    let status = 200;
    const made = scriptedBalancer(() => new Response(null, { status }), before);
    const { lb, clock, transport } = made;
    const check = async (next: number, begin = () => {}) => {
      const { length } = transport.tries;
      status = next;
      begin();
      await settled();
      while (transport.tries.length === length) await clock.run(50);
      expect(transport.tries).toHaveLength(length + 1);
      return lb.status().backends[0]?.alive;
    };
    await check(200, () => lb.start());
    for (const next of statuses) await check(next);
    return { ...made, check };
  }

  test("for failed ones", async () => {
    const { lb, check } = await checked(config({}), 503, 503);
    expect(lb.status().backends[0]?.alive).toBe(true);
    expect(await check(503, () => lb.reconfigure(config({ fall: 4 })))).toBe(true);
    expect(await check(503)).toBe(false);
  });

  test("for good ones", async () => {
    const { lb, check } = await checked(config({ fall: 1 }), 503, 200, 200);
    expect(lb.status().backends[0]?.alive).toBe(false);
    expect(await check(200, () => lb.reconfigure(config({ rise: 4 })))).toBe(false);
    expect(await check(200)).toBe(true);
  });
});

test("another port is asked at once, of all and of one alone; whoever's rules stay is asked in its turn, as before", async () => {
  const config = { backends: [A, B], healthCheck: CHECK };
  const { lb, clock, transport, changes } = scriptedBalancer(() => new Response("ok"), config);
  const asked = async (become: () => void) => {
    const { length } = transport.tries;
    become();
    await settled();
    return transport.origins.slice(length);
  };
  expect(await asked(() => lb.start())).toEqual([A, B]);
  const onPort = { ...CHECK, port: 9_000 };
  expect(await asked(() => lb.reconfigure({ ...config, healthCheck: onPort }))).toEqual([
    "http://a:9000",
    "http://b:9000",
  ]);
  const own = { backends: [{ url: A, healthCheck: { port: 9_001 } }, B], healthCheck: onPort };
  expect(await asked(() => lb.reconfigure(own))).toEqual(["http://a:9001"]);
  const target = transport.tries.at(-1)?.backend;
  // It says the same of the checks, in objects of its own.
  expect(await asked(() => lb.reconfigure({ ...structuredClone(own), retries: 1 }))).toEqual([]);
  expect(await asked(() => lb.setBackends(structuredClone(own.backends)))).toEqual([]);
  const { length } = transport.tries;
  await clock.run(1_100);
  const later = transport.tries.slice(length).filter(({ backend }) => backend.origin === "http://a:9001");
  expect(later.map(({ backend }) => backend)).toEqual([target as NonNullable<typeof target>]);
  expect(changes.map(({ state }) => state)).toEqual(["up", "up"]);
});
