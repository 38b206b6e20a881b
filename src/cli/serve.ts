import type { Command } from "./command.ts";
import { liftFetchLimit } from "./fetch-limit.ts";
import { loadSettings } from "./load-settings.ts";
import { createLog, outliveReader } from "./log.ts";
import { serveAlone } from "./serve-alone.ts";
import { SERVE_FLAGS } from "./serve-flags.ts";
import { announceSource } from "./serve-log.ts";
import { workerSlot } from "./spawn-worker.ts";
import { supervise } from "./supervise.ts";
import { runWorker } from "./worker.ts";

/** `lb serve`: the balancer, until a signal ends it. */
export const serveCommand: Command = {
  name: "serve",
  summary: "spread HTTP requests over backends",
  flags: SERVE_FLAGS,
  hasVariables: true,
  examples: [
    ["lb --backends http://localhost:8081,http://localhost:8082", "two backends, on port 8080"],
    ["lb --backends 'http://a:80;weight=3,http://b:80' --port 80", "three of four requests to a"],
    ["lb --backends http://localhost:8081 --workers auto", "one process a CPU"],
    ["lb --config lb.config.yaml", "what a file says: lb check looks at it first"],
    ["LB_PORT=9000 lb --backends http://localhost:8081", "a flag from the environment"],
  ],
  async run(given) {
    const load = () => loadSettings(given);
    const settings = await load();
    const log = createLog(settings.logFormat, settings.logLevel, process.stdout);
    outliveReader(process.stdout);
    const slot = workerSlot();
    if (slot !== undefined) return runWorker(slot, settings, load, log);
    // To start once more takes as long as to start; only one transport is worth it.
    if (settings.transport === "fetch") {
      liftFetchLimit((reason) => log.warn(`at most 256 requests at once: ${reason}`));
    }
    announceSource(settings, log);
    return settings.workers > 1 ? supervise(settings, load, log) : serveAlone(settings, load, log);
  },
};
