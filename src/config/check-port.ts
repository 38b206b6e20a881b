import { socketPathOf } from "../core/backend.ts";

/** What is looked at of a backend: where it is, and how it is checked if that differs from the others. */
interface CheckedBackend {
  readonly origin: string;
  readonly probe?: { readonly port: number };
}

/**
 * What is wrong with checks of a backend on a port of their own: a Unix socket has no ports. Undefined if nothing is.
 *
 * @param port The port of the checks of those that say nothing of their own; 0 is each one's own.
 */
export function portProblem({ origin, probe }: CheckedBackend, port: number): string | undefined {
  const asked = probe?.port ?? port;
  if (asked === 0 || socketPathOf(origin) === "") return undefined;
  return `${origin} would be checked on port ${asked}, which a Unix socket does not have, expected a healthCheck of its own with port 0`;
}
