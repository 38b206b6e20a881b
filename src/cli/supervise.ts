import { stayAlive, systemClock, systemRandom } from "../system.ts";
import { Supervisor, type SupervisorEvents } from "../workers/supervisor.ts";
import type { Log } from "./log.ts";
import { listenToAsked } from "./reload/asked.ts";
import { areAlike, refuseTakenPorts } from "./reload/listener-set.ts";
import { Reloading } from "./reload/reloading.ts";
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
  const { workers, listeners, resolved, shutdownTimeoutMs } = settings;
  await refuseTakenPorts(listeners);
  handDownSecret(resolved.pools, process.env);
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
  const reloading = new Reloading(settings, load, (next) => takeUp(supervisor, reloading.current, next), log);
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
  // What is being taken up may be a roll, which waits for all that is under way: the drain ends it.
  const closed = asked.close();
  announceEnd(signal, supervisor.status(), shutdownTimeoutMs, log);
  const cut = await supervisor.drain(shutdownTimeoutMs);
  await closed;
  if (cut > 0) announceCut(cut, shutdownTimeoutMs, log);
  log.info("stopped");
  letGo();
  return 0;
}

/**
 * Has running workers go by other settings; where they listen elsewhere they are replaced, since sockets that several
 * processes share are opened and closed by all of them in one order.
 */
async function takeUp(
  supervisor: Supervisor,
  before: ServeSettings,
  next: ServeSettings,
): Promise<readonly string[]> {
  const isElsewhere = !areAlike(before.listeners, next.listeners);
  if (isElsewhere) {
    const known = new Set(before.listeners.map(({ port }) => port));
    await refuseTakenPorts(next.listeners.filter(({ port }) => !known.has(port)));
  }
  const problems = await supervisor.reload(next.resolved.pools);
  if (isElsewhere) {
    supervisor.moveTo(next.listeners.map(({ port }) => port));
    await supervisor.roll(next.shutdownTimeoutMs);
  }
  return problems;
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
