import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Backend } from "../../../src/core/backend.ts";
import { leastConnections } from "../../../src/core/picking/least-connections.ts";
import { countPicks, upBackends } from "../../simulation/sample-backends.ts";
import { Balance } from "./balance.ts";
import { Pool } from "./pool.ts";

const anyWeights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 10 });

/** Requests that come (true) and end (a number says which), and backends that go out and come back (negative). */
const steps = fc.array(fc.oneof(fc.constant(true), fc.nat({ max: 9 }), fc.integer({ min: -9, max: -1 })), {
  maxLength: 200,
});

function load({ inFlight, weight }: Backend): number {
  return inFlight / weight;
}

test("never picks one while another has less under way for its weight", () => {
  fc.assert(
    fc.property(anyWeights, steps, (weights, steps) => {
      const members = upBackends(weights);
      let ready = members;
      const pool = new Pool(leastConnections(), members);
      for (const step of steps) {
        if (step === true) {
          const loads = ready.map(load);
          const avoid = ready.length > 1 ? ready.slice(0, 1) : [];
          const retried = pool.picker.pick("", 0, avoid);
          expect(load(retried)).toBe(Math.min(...ready.filter((other) => !avoid.includes(other)).map(load)));
          const picked = pool.picker.pick("", 0, []);
          expect(load(picked)).toBe(Math.min(...loads));
          pool.request();
        } else if (step >= 0) {
          pool.end(members[step % members.length] as Backend);
        } else {
          const flapped = members[-step % members.length] as Backend;
          const left = ready.filter((backend) => backend !== flapped);
          ready = ready.includes(flapped) && left.length > 0 ? left : members;
          pool.become(ready, members);
        }
      }
    }),
  );
});

test("with nothing under way it takes turns, as often as the weights say", () => {
  fc.assert(
    fc.property(anyWeights, (weights) => {
      const members = upBackends(weights);
      const picker = leastConnections();
      picker.rebuild(members, members);
      const cycle = weights.reduce((sum, weight) => sum + weight, 0);
      const balance = new Balance(members);
      for (let request = 0; request < 2 * cycle; request++) {
        balance.count(members, picker.pick("", 0, []));
      }
      // Who is due at (k + ½) / weight has cᵢ = wᵢt + δᵢ turns at time t, |δᵢ| ≤ ½. Of n = Σcⱼ requests its part is
      // pᵢn, so cᵢ − pᵢn = (1 − pᵢ) δᵢ − pᵢ Σ_{j≠i} δⱼ, which is at most ½ + ½ pᵢ (N − 2) for N backends.
      const heaviest = Math.max(...weights) / cycle;
      const bound = 0.5 + 0.5 * heaviest * Math.max(0, weights.length - 2);
      expect(balance.worst).toBeLessThanOrEqual(bound + 1e-6);
    }),
  );
});

test("one that hangs gets no more, and does not get everything when it is back", () => {
  const members = upBackends([1, 1, 1]);
  const pool = new Pool(leastConnections(), members);
  const hanging = pool.request();
  const others: Backend[] = [];
  for (let count = 0; count < 300; count++) {
    const backend = pool.request();
    others.push(backend);
    pool.end(backend);
  }
  expect(others).not.toContain(hanging);
  pool.end(hanging);
  const after = Array.from({ length: 30 }, () => pool.picker.pick("", 0, []));
  for (const count of countPicks(members, after)) expect(Math.abs(count - 10)).toBeLessThanOrEqual(1);
});

test("under steady load each has as much under way as its weight says", () => {
  const members = upBackends([4, 2, 1, 1]);
  const pool = new Pool(leastConnections(), members);
  for (let count = 0; count < 800; count++) pool.request();
  expect(members.map(({ inFlight }) => inFlight)).toEqual([400, 200, 100, 100]);
});
