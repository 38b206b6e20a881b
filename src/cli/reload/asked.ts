import type { Listener } from "../../adapters/adapter.ts";
import { type AdminActions, adminService } from "../../admin/admin-service.ts";
import { type FileWatch, watchFiles } from "../../config-file/index.ts";
import { systemClock } from "../../system.ts";
import { listen } from "../listening.ts";
import type { Log } from "../log.ts";
import type { ServeSettings } from "../serve-settings.ts";
import type { Reloading } from "./reloading.ts";

/** Whatever asks for a reload but signals. */
export interface Asked {
  /** Ends it: nobody is listened to any more. */
  close(): Promise<void>;
}

/**
 * Lets reloads be asked for by the admin listener, and by changes of the files if the settings say so.
 *
 * @param actions What else the admin listener does.
 * @throws ConfigError if that cannot listen.
 */
export async function listenToAsked(
  settings: ServeSettings,
  reloading: Reloading,
  actions: Omit<AdminActions, "reload">,
  log: Log,
): Promise<Asked> {
  const reload = () => reloading.reload("lb reload");
  const admin = await adminListener(settings, { ...actions, reload }, log);
  let watch: FileWatch | undefined;
  if (settings.isWatched && settings.source !== undefined) {
    const changed = async () => {
      await reloading.reload("a file has changed");
      watch?.follow(reloading.files);
    };
    watch = watchFiles(reloading.files, () => void changed(), { clock: systemClock });
  }
  return {
    async close() {
      watch?.close();
      await reloading.end();
      await admin?.close(0);
    },
  };
}

async function adminListener(
  { admin }: ServeSettings,
  actions: AdminActions,
  log: Log,
): Promise<Listener | undefined> {
  if (admin === undefined) return undefined;
  const { host, port, token, places } = admin;
  const service = { fetch: adminService(token, actions) };
  const listener = await listen("http1", service, { hostname: host, port }, places);
  log.info(`admin listener on ${listener.url}`, { url: listener.url, port: listener.port });
  return listener;
}
