import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Contender, missingProgram } from "./contender.ts";

/** Caddy as a reverse proxy; it sets the X-Forwarded headers by itself. One thread runs Go code at a time. */
export const caddy: Contender = {
  name: "caddy",
  isPeer: false,
  forwardsClient: true,
  missing: () => missingProgram("caddy"),
  command({ port, backendPort, directory }) {
    const config = join(directory, "Caddyfile");
    writeFileSync(config, proxyConfig(port, backendPort));
    return {
      argv: ["caddy", "run", "--adapter", "caddyfile", "--config", config],
      env: { GOMAXPROCS: "1", XDG_CONFIG_HOME: directory, XDG_DATA_HOME: directory },
    };
  },
};

// By default only 32 idle connections to a backend are kept: more clients than that would have it open and
// close connections all the time.
function proxyConfig(port: number, backendPort: number): string {
  return `{
  admin off
  auto_https off
}
http://:${port} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${backendPort} {
    health_uri /health
    health_interval 10s
    transport http {
      keepalive_idle_conns 16384
      keepalive_idle_conns_per_host 16384
    }
  }
}
`;
}
