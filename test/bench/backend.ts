import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { firstAnswer, freePort } from "./answer.ts";
import { nginxMain } from "./contenders/nginx.ts";
import type { Processes } from "./processes.ts";

/** The backend of every measurement: one nginx that costs as little as a real HTTP server can. */

/** A reply that the backend gives. */
export interface Reply {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/** The replies that are measured. */
export const REPLIES = [
  { name: "100 B", path: "/100", bytes: 100 },
  { name: "10 KiB", path: "/10k", bytes: 10 * 1024 },
  { name: "1 MiB", path: "/1m", bytes: 1024 * 1024 },
] as const satisfies readonly Reply[];

/** Answers with what the backend saw of the client: its `X-Forwarded-For` and the version of HTTP. */
export const SEEN_PATH = "/seen";

/** Starts the backend and returns its port. It lives until the run ends. */
export async function startBackend(processes: Processes): Promise<number> {
  const port = await freePort();
  const directory = join(processes.directory, "backend");
  mkdirSync(join(directory, "files"), { recursive: true });
  for (const { path, bytes } of REPLIES) writeFileSync(join(directory, "files", path), "x".repeat(bytes));
  const config = join(directory, "nginx.conf");
  writeFileSync(config, backendConfig(directory, port));
  const backend = processes.start("backend", { argv: ["nginx", "-p", directory, "-c", config] });
  await firstAnswer(backend, port, REPLIES[0].path);
  return port;
}

// A connection is never closed by the backend: the cost of a new one is not what is measured, and a proxy
// that loses the race for a closing one would show errors that say nothing of it.
function backendConfig(directory: string, port: number): string {
  return `${nginxMain(directory)}
  open_file_cache max=16 inactive=1h;
  open_file_cache_valid 1h;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${directory}/files;
    default_type text/plain;
    location = /health { return 200 "ok"; }
    location = ${SEEN_PATH} { return 200 "$http_x_forwarded_for $server_protocol"; }
  }
}
`;
}
