import { createLoadBalancer } from "../load-balancer.ts";
import { close } from "./close.ts";
import type { Log } from "./log.ts";
import { listenToAsked } from "./reload/asked.ts";
import { ListenerSet } from "./reload/listener-set.ts";
import { isReloadable, Reloading } from "./reload/reloading.ts";
import { announce, announceCut, announceEnd, loggedTo } from "./serve-log.ts";
import { type ServeSettings, transportOf } from "./serve-settings.ts";
import { endSignal, onHangUp } from "./shutdown.ts";

/**
 * Serves in this one process, until a signal ends it.
 *
 * @param load Reads the settings anew.
 * @returns The exit code.
 * @throws ConfigError if it cannot listen.
 */
export async function serveAlone(
  settings: ServeSettings,
  load: () => Promise<ServeSettings>,
  log: Log,
): Promise<number> {
  const balancer = createLoadBalancer(settings.config, {
    transport: transportOf(settings),
    ...loggedTo(log),
  });
  const mayChange = isReloadable(settings);
  const listening = await ListenerSet.listen(balancer, settings.listeners, mayChange);
  const reloading = new Reloading(
    settings,
    load,
    async (next) => {
      const prepared = await listening.prepare(next.listeners);
      try {
        balancer.reconfigure(next.config);
      } catch (error) {
        await prepared.cancel();
        throw error;
      }
      for (const { url, port } of prepared.commit(next.shutdownTimeoutMs)) {
        log.info(`listening on ${url}`, { url, port });
      }
      return prepared.unchangeable.map((address) => `${address}: what has changed there takes another start`);
    },
    log,
  );
  const actions = {
    status: () => balancer.status(),
    explain: (request: Request, client?: unknown) => balancer.explain(request, client),
  };
  const asked = await listenToAsked(settings, reloading, actions, log);
  const ended = endSignal();
  onHangUp(async () => {
    if (mayChange) await reloading.reload("SIGHUP");
    else log.info("SIGHUP: there is nothing to reload", { signal: "SIGHUP" });
  });
  announce(listening.listeners, settings, log);
  balancer.start();
  const signal = await ended;
  const { shutdownTimeoutMs } = reloading.current;
  announceEnd(signal, balancer.status(), shutdownTimeoutMs, log);
  await asked.close();
  await close(balancer, listening.listeners, shutdownTimeoutMs, (cut) =>
    announceCut(cut, shutdownTimeoutMs, log),
  );
  log.info("stopped");
  return 0;
}
