import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Contender, missingProgram, type Place } from "./contender.ts";

/** HAProxy as a reverse proxy: one thread, its own default of connection reuse, active checks like ours. */
export const haproxy: Contender = {
  id: "haproxy",
  name: "haproxy",
  presence: "every case",
  forwardsClient: true,
  lacks: {},
  missing: () => missingProgram("haproxy"),
  command(place) {
    const config = join(place.directory, "haproxy.cfg");
    writeFileSync(config, proxyConfig(place));
    return { argv: ["haproxy", "-db", "-f", config] };
  },
};

// For so many clients it wants twice as many descriptors, and would not start without: `no strict-limits` has
// it take those it can get, since idle clients need no connection to a backend. By default idle connections
// to a backend are closed once a quarter of all descriptors is in use, which 5,000 clients reach: it would
// open a connection for every other request.
function proxyConfig({ port, backendPort, tls }: Place): string {
  const secured = tls === undefined ? "" : ` ssl crt ${tls.certAndKeyPath} ssl-min-ver TLSv1.3`;
  return `global
  nbthread 1
  maxconn 10500
  no strict-limits
  tune.pool-low-fd-ratio 70
  tune.pool-high-fd-ratio 80
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option forwardfor
  option httpchk GET /health
  http-reuse safe
frontend clients
  bind 127.0.0.1:${port} backlog 4096${secured}
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Proto ${tls === undefined ? "http" : "https"}
  default_backend servers
backend servers
  server one 127.0.0.1:${backendPort} check inter 10s
`;
}
