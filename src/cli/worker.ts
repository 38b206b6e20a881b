import { systemClock } from "../system.ts";
import { work } from "../workers/worker.ts";
import { close } from "./close.ts";
import { listenAll } from "./listening.ts";
import type { Log } from "./log.ts";
import { loggedTo } from "./serve-log.ts";
import { type ServeSettings, transportOf } from "./serve-settings.ts";
import { lineToSupervisor } from "./spawn-worker.ts";

/** Signals that reach the whole group of processes, from a terminal or a service manager. */
const GROUP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Does the work of worker number `slot` until its supervisor ends it, or is gone.
 *
 * @param load Reads the settings anew.
 * @returns The exit code.
 */
export async function runWorker(
  slot: number,
  settings: ServeSettings,
  load: () => Promise<ServeSettings>,
  log: Log,
): Promise<number> {
  // What they mean is the supervisor's to say: it gets them as well.
  for (const signal of GROUP_SIGNALS) process.on(signal, () => {});
  const { config, listeners, shutdownTimeoutMs } = settings;
  const { onTryFailed, onStateChange, onPickerFault, onMiddlewareFault, onWarning } = loggedTo(log);
  await work(lineToSupervisor(), {
    slot,
    config,
    reload: async () => (await load()).config,
    graceMs: shutdownTimeoutMs,
    clock: systemClock,
    transport: transportOf(settings),
    onTryFailed,
    faults: { onPickerFault, onMiddlewareFault, onWarning },
    onStateChange,
    listen(service, ports, onRefusing) {
      let left = ports.length;
      const oneRefuses = () => {
        left -= 1;
        if (left === 0) onRefusing();
      };
      return listenAll(service, listeners, (index) => ({
        port: ports[index] as number,
        reusePort: true,
        onRefusing: oneRefuses,
      }));
    },
    close,
  });
  return 0;
}
