import type { Listener } from "../adapters/adapter.ts";
import type { LoadBalancer } from "../load-balancer.ts";

/** How much longer than the balancer a listener waits, in milliseconds, so that what is cut can be counted first. */
const COUNTING_MS = 500;

/**
 * Ends a balancer and its listeners without losing a request, as far as the requests end in time.
 *
 * @param graceMs The longest wait for them, in milliseconds.
 * @param onCut Told how many took longer, as soon as that is known, if any did.
 * @returns The same.
 */
export async function close(
  balancer: LoadBalancer,
  listeners: readonly Listener[],
  graceMs: number,
  onCut: (cut: number) => void = () => {},
): Promise<number> {
  const stopped = balancer.drain(graceMs);
  const closed = Promise.all(listeners.map((listener) => listener.close(graceMs + COUNTING_MS)));
  await stopped;
  const { inFlight, waiting } = balancer.status();
  const cut = inFlight + waiting;
  if (cut > 0) onCut(cut);
  await closed;
  return cut;
}
