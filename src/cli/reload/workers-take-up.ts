import { ConfigError } from "../../config/problem.ts";
import type { Supervisor } from "../../workers/supervisor.ts";
import type { ListenerSettings } from "../listener-settings.ts";
import { areAlike, refuseTakenPorts } from "./listener-set.ts";
import type { TakeUp } from "./reloading.ts";

/**
 * Has running workers go by other settings; where they listen elsewhere they are replaced, since sockets that several
 * processes share are opened and closed by all of them in one order.
 *
 * If they cannot be replaced they go by all the rest, which is told, and the next time it is tried again.
 *
 * @param started Where they listen at first.
 */
export function workersTakeUp(
  supervisor: Pick<Supervisor, "reload" | "moveTo" | "roll">,
  started: readonly ListenerSettings[],
): TakeUp {
  /** Undefined while some listen elsewhere than others. */
  let all: readonly ListenerSettings[] | undefined = started;
  /** On which some may listen: these are taken, and by nobody else. */
  let ours = portsOf(started);
  return async ({ listeners, resolved, shutdownTimeoutMs }) => {
    const isElsewhere = all === undefined || !areAlike(all, listeners);
    if (isElsewhere) await refuseTakenPorts(listeners.filter(({ port }) => !ours.has(port)));
    const notes = await supervisor.reload(resolved.pools);
    if (!isElsewhere) return notes;
    const ports = portsOf(listeners);
    all = undefined;
    ours = new Set([...ours, ...ports]);
    supervisor.moveTo(listeners.map(({ port }) => port));
    try {
      await supervisor.roll(shutdownTimeoutMs);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return [
        ...notes,
        `listeners: not all workers could be replaced, and some listen as before: ${error.message}`,
      ];
    }
    all = listeners;
    ours = ports;
    return notes;
  };
}

function portsOf(listeners: readonly ListenerSettings[]): Set<number> {
  return new Set(listeners.map(({ port }) => port));
}
