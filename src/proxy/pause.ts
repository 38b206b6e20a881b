import type { Balancer } from "../core/balancer.ts";
import type { ClientInfo } from "./client.ts";

/**
 * Waits between two tries of a request.
 *
 * @param waitMs How long, in milliseconds.
 * @returns False, and at once, if the client leaves meanwhile.
 */
export function pause(
  balancer: Balancer,
  waitMs: number,
  { signal }: Request,
  client: ClientInfo | undefined,
): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(false);
      return;
    }
    const over = (isThere: boolean) => {
      signal.removeEventListener("abort", left);
      client?.release?.();
      resolve(isThere);
    };
    const cancel = balancer.retries.wait(waitMs, () => over(true));
    const left = () => {
      cancel();
      over(false);
    };
    client?.hold?.();
    signal.addEventListener("abort", left);
  });
}
