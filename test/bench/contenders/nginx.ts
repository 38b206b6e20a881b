import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Contender, missingProgram } from "./contender.ts";

/** nginx as a reverse proxy. */
export const nginx: Contender = {
  name: "nginx",
  forwardsClient: true,
  missing: () => missingProgram("nginx"),
  command({ port, backendPort, directory }) {
    const config = join(directory, "nginx.conf");
    writeFileSync(config, proxyConfig(directory, port, backendPort));
    return { argv: ["nginx", "-p", directory, "-c", config] };
  },
};

/**
 * The head of a config, up to and inside its `http` block: one worker in the foreground, no access log,
 * and every file in this directory.
 */
export function nginxMain(directory: string): string {
  // Only root may name a user, and root's worker would else become one that cannot see the directory.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  return `${user}
daemon off;
worker_processes 1;
pid ${directory}/pid;
error_log stderr warn;
events { worker_connections 8192; }
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

// Buffering stays on, as it is by default, but never spills to disk: replies of 1 MiB would measure that.
function proxyConfig(directory: string, port: number, backendPort: number): string {
  return `${nginxMain(directory)}
  keepalive_requests 1000000000;
  upstream backend {
    server 127.0.0.1:${backendPort};
    keepalive 1024;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_max_temp_file_size 0;
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
