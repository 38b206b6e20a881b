import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Contender, missingProgram, type Place } from "./contender.ts";

/** nginx as a reverse proxy. */
export const nginx: Contender = nginxProxy("nginx", 1);

/** nginx as a reverse proxy with one worker and with two, to measure other proxies with workers by. */
export const nginxWorkers: readonly Contender[] = [
  nginxProxy("nginx, 1 worker", 1),
  nginxProxy("nginx, 2 workers", 2),
];

function nginxProxy(name: string, workers: number): Contender {
  return {
    id: "nginx",
    name,
    presence: "every case",
    forwardsClient: true,
    lacks: {},
    missing: () => missingProgram("nginx"),
    command(place) {
      const { directory } = place;
      const config = join(directory, "nginx.conf");
      writeFileSync(config, proxyConfig(place, workers));
      return { argv: ["nginx", "-p", directory, "-c", config] };
    },
  };
}

/**
 * The head of a config, up to and inside its `http` block: in the foreground, no access log, and every file
 * in this directory.
 */
export function nginxMain(directory: string, workers = 1): string {
  // Only root may name a user, and root's worker would else become one that cannot see the directory.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  return `${user}
daemon off;
worker_processes ${workers};
pid ${directory}/pid;
error_log stderr warn;
events { worker_connections 16000; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;`;
}

// Buffering stays on, as it is by default, but never spills to disk: 1 MiB either way would measure that. The
// cache of idle connections is made for each worker.
function proxyConfig({ directory, port, backendPort, tls }: Place, workers: number): string {
  const secured =
    tls === undefined
      ? ""
      : `
    ssl_certificate ${tls.certPath};
    ssl_certificate_key ${tls.keyPath};
    ssl_protocols TLSv1.3;`;
  return `${nginxMain(directory, workers)}
  keepalive_requests 1000000000;
  upstream backend {
    server 127.0.0.1:${backendPort};
    keepalive 8192;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
  }
  server {
    listen 127.0.0.1:${port}${tls === undefined ? "" : " ssl"} backlog=4096;${secured}
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_max_temp_file_size 0;
      client_max_body_size 64m;
      client_body_buffer_size 1m;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`;
}
