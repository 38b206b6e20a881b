import type { LoadBalancerConfig } from "../../../src/config/types/config.ts";
import { serve } from "../../../src/front/front.ts";
import { createLoadBalancer } from "../../../src/load-balancer.ts";
import type { ServerTls } from "../../../src/sockets/socket.ts";
import { http1Transport } from "../../../src/transport/http1.ts";
import { Program } from "../../system/program.ts";
import { listeningUrl } from "../../system/stage.ts";
import { makeCertificates } from "../../transport/http1/certificates.ts";

/** A balancer that stands before these backends. */
export interface Standing extends AsyncDisposable {
  readonly url: string;
}

/** The ways in which a balancer is run, by name. */
export const BALANCERS: Readonly<Record<string, (backends: readonly string[]) => Promise<Standing>>> = {
  async "as a program"(backends) {
    const program = new Program(["--port", "0", "--backends", backends.join(",")]);
    const url = await listeningUrl(program);
    return { url, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
  },
  "in this process": (backends) => inProcess(backends),
  "behind a middleware": (backends) =>
    inProcess(backends, undefined, [{ requestId: {} }, (request, next) => next(request)]),
  "with TLS": async (backends) => inProcess(backends, (await makeCertificates()).server),
};

async function inProcess(
  backends: readonly string[],
  tls?: ServerTls,
  middleware: NonNullable<LoadBalancerConfig["middleware"]> = [],
): Promise<Standing> {
  const config = { backends, healthCheck: false, middleware } as const;
  const balancer = createLoadBalancer(config, { transport: http1Transport() });
  const where = { port: 0, hostname: "127.0.0.1" };
  const listener = await serve(balancer, tls === undefined ? where : { ...where, tls });
  return { url: listener.url, [Symbol.asyncDispose]: () => listener.close(0) };
}

/** The same place for WebSockets (RFC 6455 §3). */
export function webSocketUrl(url: string, path: string): string {
  return `${url.replace("http", "ws")}${path}`;
}
