import { Backend, type BackendSpec, State } from "../../src/core/backend.ts";

/** The spec of backend number `index`; its origin sorts in the order of the numbers. */
export function sampleSpec(index: number, weight = 1, tier = 0): BackendSpec {
  return { origin: `http://10.0.${index >> 8}.${index & 0xff}:80`, weight, tier };
}

/** Backends with these weights, all up. */
export function upBackends(weights: readonly number[]): Backend[] {
  return weights.map((weight, index) => {
    const backend = new Backend(sampleSpec(index, weight));
    backend.state = State.up;
    return backend;
  });
}

/** How often each backend was picked. */
export function countPicks(backends: readonly Backend[], picks: Iterable<Backend>): number[] {
  const counts = new Map<Backend, number>(backends.map((backend) => [backend, 0]));
  for (const backend of picks) counts.set(backend, (counts.get(backend) ?? 0) + 1);
  return backends.map((backend) => counts.get(backend) ?? 0);
}
