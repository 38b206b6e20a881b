import { stayAlive, systemClock, systemRandom } from "../system.ts";
import { Supervisor, type SupervisorEvents } from "../workers/supervisor.ts";
import type { Log } from "./log.ts";
import { listenToAsked } from "./reload/asked.ts";
import { refuseTakenPorts } from "./reload/listener-set.ts";
import { Reloading } from "./reload/reloading.ts";
import { workersTakeUp } from "./reload/workers-take-up.ts";
import { announce, announceCut, announceEnd, loggedTo } from "./serve-log.ts";
import { type ServeSettings, transportOf } from "./serve-settings.ts";
import { endSignal, onHangUp } from "./shutdown.ts";
import { spawnWorker } from "./spawn-worker.ts";
import { handDownSecret } from "./sticky-settings.ts";
import { timeText } from "./time-text.ts";

/**
 * Runs several workers on the same ports until a signal ends them.
 *
 * @param load Reads the settings anew.
 * @returns The exit code.
 * @throws ConfigError if they cannot listen.
 */
export async function supervise(
  settings: ServeSettings,
  load: () => Promise<ServeSettings>,
  log: Log,
): Promise<number> {
  const { workers, listeners, resolved } = settings;
  await refuseTakenPorts(listeners);
  handDownSecret(process.env);
  const supervisor = new Supervisor({
    count: workers,
    ports: listeners.map(({ port }) => port),
    pools: resolved.pools,
    spawn: spawnWorker,
    events: eventsTo(log),
    clock: systemClock,
    random: systemRandom,
    transport: transportOf(settings),
  });
  const letGo = stayAlive();
  const at = await supervisor.start();
  const reloading = new Reloading(settings, load, workersTakeUp(supervisor, listeners), log);
  const actions = { status: () => supervisor.status(), explain: undefined };
  const asked = await listenToAsked(settings, reloading, actions, log);
  const ended = endSignal(() => supervisor.kill());
  onHangUp(async () => {
    if (settings.source === undefined) await roll(supervisor, settings, log);
    else await reloading.reload("SIGHUP");
  });
  announce(at, settings, log);
  log.info(`${workers} workers share ${listeners.length === 1 ? "the port" : `${listeners.length} ports`}`, {
    workers,
  });
  supervisor.check();
  const signal = await ended;
  const { shutdownTimeoutMs } = reloading.current;
  announceEnd(signal, supervisor.status(), shutdownTimeoutMs, log);
  // At once: workers that are being replaced have as long as this to finish what they have.
  const drained = supervisor.drain(shutdownTimeoutMs);
  await asked.close();
  const cut = await drained;
  if (cut > 0) announceCut(cut, shutdownTimeoutMs, log);
  log.info("stopped");
  letGo();
  return 0;
}

async function roll(
  supervisor: Supervisor,
  { workers, shutdownTimeoutMs }: ServeSettings,
  log: Log,
): Promise<void> {
  log.info(`SIGHUP: replacing ${workers} workers, one after another`, { signal: "SIGHUP", workers });
  try {
    if (await supervisor.roll(shutdownTimeoutMs)) log.success(`replaced ${workers} workers`, { workers });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.error(`stopped replacing workers: ${reason}`, { reason });
  }
}

/** Workers are numbered from 1 for people. */
function eventsTo(log: Log): SupervisorEvents {
  const { onStateChange, onPanicChange } = loggedTo(log);
  return {
    stateChange: onStateChange,
    panicChange: onPanicChange,
    crashed(slot, pid, reason, delayMs) {
      const worker = slot + 1;
      log.error(
        `worker ${worker} (process ${pid}) ended: ${reason}; starting it again in ${timeText(delayMs)}`,
        {
          worker,
          pid,
          reason,
          delayMs,
        },
      );
    },
    restarted(slot, pid) {
      const worker = slot + 1;
      log.success(`worker ${worker} is back (process ${pid})`, { worker, pid });
    },
  };
}
