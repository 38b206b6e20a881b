import type { Backend } from "../../../src/core/backend.ts";

/** The same backends, and how often a field of any of them has been read. */
export function countedReads(backends: readonly Backend[]): {
  readonly backends: readonly Backend[];
  readonly reads: () => number;
} {
  let reads = 0;
  const handler: ProxyHandler<Backend> = {
    get(target, name) {
      reads += 1;
      return Reflect.get(target, name);
    },
  };
  return { backends: backends.map((backend) => new Proxy(backend, handler)), reads: () => reads };
}
