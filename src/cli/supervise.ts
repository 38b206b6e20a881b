import { stayAlive, systemClock, systemRandom } from "../system.ts";
import { Supervisor, type SupervisorEvents } from "../workers/supervisor.ts";
import { listenAll } from "./listening.ts";
import type { Log } from "./log.ts";
import { announce, announceCut, announceEnd, loggedTo } from "./serve-log.ts";
import { type ServeSettings, transportOf } from "./serve-settings.ts";
import { endSignal, onHangUp } from "./shutdown.ts";
import { spawnWorker } from "./spawn-worker.ts";
import { handDownSecret } from "./sticky-settings.ts";
import { timeText } from "./time-text.ts";

/**
 * Runs several workers on the same ports until a signal ends them.
 *
 * @returns The exit code.
 * @throws ConfigError if they cannot listen.
 */
export async function supervise(settings: ServeSettings, log: Log): Promise<number> {
  const { workers, listeners, resolved, shutdownTimeoutMs } = settings;
  await refuseTakenPorts(settings);
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
  const ended = endSignal(() => supervisor.kill());
  onHangUp(() => roll(supervisor, settings, log));
  announce(at, settings, log);
  log.info(`${workers} workers share ${listeners.length === 1 ? "the port" : `${listeners.length} ports`}`, {
    workers,
  });
  supervisor.check();
  const signal = await ended;
  announceEnd(signal, supervisor.status(), shutdownTimeoutMs, log);
  const cut = await supervisor.drain(shutdownTimeoutMs);
  if (cut > 0) announceCut(cut, shutdownTimeoutMs, log);
  log.info("stopped");
  letGo();
  return 0;
}

/**
 * Makes sure that nobody else has the ports: sockets that may share one would take it from each other without
 * a word, be it two balancers.
 */
async function refuseTakenPorts({ listeners }: ServeSettings): Promise<void> {
  const service = { fetch: async () => new Response(null, { status: 503 }) };
  const fixed = listeners.filter(({ port }) => port !== 0);
  for (const listener of await listenAll(service, fixed)) await listener.close(0);
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
