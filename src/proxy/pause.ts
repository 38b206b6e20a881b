import type { Attempts } from "../core/attempts.ts";
import type { Backend } from "../core/backend.ts";
import type { Balancer } from "../core/balancer.ts";
import type { Cancel, Clock } from "../core/clock.ts";
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
  request: Request,
  client: ClientInfo | undefined,
): Promise<boolean> {
  return pauseOn((delayMs, fn) => balancer.retries.wait(delayMs, fn), waitMs, request, client);
}

/**
 * As `pause`, with another's timer.
 *
 * @param after Runs a function after so many milliseconds.
 */
export function pauseOn(
  after: Clock["after"],
  waitMs: number,
  request: Request,
  client: ClientInfo | undefined,
): Promise<boolean> {
  return unlessLeft<boolean>(false, request, client, (over) => after(waitMs, () => over(true)));
}

/**
 * Waits until there is room for a request at a backend.
 *
 * @param begin Begins a try there; called at once, so that the room is still there.
 * @returns What `begin` made. Undefined if there will be no room, as the attempts' `refusal` says; or, and at once, if
 *   the client leaves meanwhile.
 */
export function waitForRoom<T>(
  attempts: Attempts,
  begin: (backend: Backend) => T,
  request: Request,
  client: ClientInfo | undefined,
): Promise<T | undefined> {
  return unlessLeft<T | undefined>(undefined, request, client, (over) => {
    const waits = attempts.wait((backend) => over(backend === undefined ? undefined : begin(backend)));
    if (!waits) over(undefined);
    return () => attempts.leave();
  });
}

/**
 * Waits for something as long as the client is there.
 *
 * @param left What it comes to if the client leaves.
 * @param wait Begins the wait; told what it comes to, and how to call it off.
 */
function unlessLeft<T>(
  left: T,
  { signal }: Request,
  client: ClientInfo | undefined,
  wait: (over: (result: T) => void) => Cancel,
): Promise<T> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(left);
      return;
    }
    const over = (result: T) => {
      signal.removeEventListener("abort", leave);
      client?.release?.();
      resolve(result);
    };
    const leave = () => {
      cancel();
      over(left);
    };
    client?.hold?.();
    signal.addEventListener("abort", leave);
    const cancel = wait(over);
  });
}
