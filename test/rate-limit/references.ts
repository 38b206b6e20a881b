/** The limits as they are defined, in exact arithmetic and with everything remembered: what the meters are held to. */

/** Decides on requests one after another, at whole milliseconds. */
export type Reference = (nowMs: number) => boolean;

/** A bucket of `burst` tokens into which `requests` come in a window, evenly. */
export function exactBucket(requests: number, windowMs: number, burst: number): Reference {
  // Tokens times the window, so that nothing is ever divided.
  const [rate, token] = [BigInt(requests), BigInt(windowMs)];
  const full = BigInt(burst) * token;
  let level = full;
  let atMs = 0n;
  return (nowMs) => {
    const now = BigInt(nowMs);
    level += (now - atMs) * rate;
    if (level > full) level = full;
    atMs = now;
    if (level < token) return false;
    level -= token;
    return true;
  };
}

/** No more than `requests` in the window that ends now; from the times of all requests. */
export function exactWindow(requests: number, windowMs: number): Reference {
  const allowedAt: number[] = [];
  return (nowMs) => {
    if (allowedAt.filter((time) => nowMs - time < windowMs).length >= requests) return false;
    allowedAt.push(nowMs);
    return true;
  };
}

/** The largest number of times that lie within any span of so many milliseconds, its end not among them. */
export function mostWithin(times: readonly number[], spanMs: number): number {
  let most = 0;
  let first = 0;
  for (const [index, time] of times.entries()) {
    while (time - (times[first] as number) >= spanMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
