import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { firstAnswer, freePort } from "./answer.ts";
import { nginxMain } from "./contenders/nginx.ts";
import { EXCHANGES, SMALL_REPLY } from "./exchanges.ts";
import type { Placement } from "./machine.ts";
import type { Processes, Running } from "./processes.ts";

/** The backend of every measurement: one nginx that costs as little as a real HTTP server can. */

/** A backend under way. */
export interface Backend {
  readonly port: number;
  readonly server: Running;
}

/** Answers with what the backend saw: `X-Forwarded-For` and `-Proto` of the client, the proxy's version of HTTP. */
export const SEEN_PATH = "/seen";
/** Answers with the values of the browser's headers, a line for each. */
export const SEEN_HEADERS_PATH = "/seen-headers";
/** Answers with what a proxy may have added: `X-Bench` and `X-Request-Id`. */
export const ADDED_PATH = "/added";
/** Answers with the body of the request. */
export const ECHO_PATH = "/echo";

const FILES = [EXCHANGES.smallReply, EXCHANGES.mediumReply, EXCHANGES.largeReply];

/**
 * Starts a backend. Each proxy has one to itself: the connections that it keeps while others take their turn
 * are not on the backend of the one that is measured, and do not use up the ports that lead there.
 */
export async function startBackend(processes: Processes, place: Placement): Promise<Backend> {
  const port = await freePort();
  const files = join(processes.directory, "files");
  if (!existsSync(files)) {
    mkdirSync(files);
    for (const { path, replyBytes } of FILES) writeFileSync(join(files, path), "x".repeat(replyBytes));
  }
  const directory = mkdtempSync(join(processes.directory, "backend-"));
  const config = join(directory, "nginx.conf");
  writeFileSync(config, backendConfig(directory, files, port));
  const server = processes.start("backend", {
    argv: place.forLoad(["nginx", "-p", directory, "-c", config]),
  });
  await firstAnswer(server, { port }, SMALL_REPLY.path);
  return { port, server };
}

// A connection is never closed by the backend: the cost of a new one is not what is measured, and a proxy
// that loses the race for a closing one would show errors that say nothing of it.
//
// A POST is answered only when all of its body is here. nginx by itself answers at once and reads on, which
// proxies must treat as a special case; a module that reads first is `mirror`. A file then refuses to be
// posted to, and the page for that error is the answer, if as many bytes came as had to.
function backendConfig(directory: string, files: string, port: number): string {
  const seenHeaders = Object.keys(EXCHANGES.browser.headers).map(
    (name) => `$http_${name.toLowerCase().replaceAll("-", "_")}`,
  );
  return `${nginxMain(directory)}
  open_file_cache max=16 inactive=1h;
  open_file_cache_valid 1h;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  client_max_body_size 4m;
  client_body_buffer_size 2m;
  client_body_in_single_buffer on;
  map "$uri $request_length" $is_whole {
    default 0;
    ~^/post-1k\\ 1[0-9][0-9][0-9]$ 1;
    ~^/post-1m\\ 10(48[6-9]|49[0-9]|5[0-9][0-9])[0-9][0-9]$ 1;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${files};
    default_type text/plain;
    location = /health { return 200 "ok"; }
    location = ${SEEN_PATH} { return 200 "$http_x_forwarded_for $http_x_forwarded_proto $server_protocol"; }
    location = ${SEEN_HEADERS_PATH} { return 200 "${seenHeaders.join("\\n")}"; }
    location = ${ADDED_PATH} { return 200 "$http_x_bench $http_x_request_id"; }
    location = /mirror { internal; return 204; }
    location = ${ECHO_PATH} { mirror /mirror; error_page 404 405 = @echo; }
    location @echo { return 200 $request_body; }
    location /post- { mirror /mirror; error_page 404 405 = @post; }
    location @post {
      if ($is_whole = 0) { return 400 "$request_length bytes"; }
      return 200 "ok";
    }
  }
}
`;
}
