import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Contender, missingProgram, type Place } from "./contender.ts";

/** Caddy as a reverse proxy; it sets the X-Forwarded headers by itself. One thread runs Go code at a time. */
export const caddy: Contender = {
  id: "caddy",
  name: "caddy",
  presence: "every case",
  forwardsClient: true,
  lacks: {},
  missing: () => missingProgram("caddy"),
  command(place) {
    const { directory } = place;
    const config = join(directory, "Caddyfile");
    writeFileSync(config, proxyConfig(place));
    return {
      argv: ["caddy", "run", "--adapter", "caddyfile", "--config", config],
      env: { GOMAXPROCS: "1", XDG_CONFIG_HOME: directory, XDG_DATA_HOME: directory },
    };
  },
};

// By default only 32 idle connections to a backend are kept: more clients than that would have it open and
// close connections all the time.
//
// Over TLS it would serve HTTP/2 and, on a UDP port, HTTP/3 as well: no client here speaks them.
function proxyConfig({ port, backendPort, tls }: Place): string {
  const secured = tls === undefined ? "" : `\n  tls ${tls.certPath} ${tls.keyPath}`;
  return `{
  admin off
  auto_https off
  servers {
    protocols h1
  }
}
${tls === undefined ? "http" : "https"}://:${port} {${secured}
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
