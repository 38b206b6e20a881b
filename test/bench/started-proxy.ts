import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { ask, firstAnswer, freePort, type Server } from "./answer.ts";
import { ADDED_PATH, ECHO_PATH, SEEN_HEADERS_PATH, SEEN_PATH, startBackend } from "./backend.ts";
import { type Contender, lackingIn } from "./contenders/contender.ts";
import { LoadError } from "./load.ts";
import type { Placement } from "./machine.ts";
import type { Processes, Running } from "./processes.ts";
import type { Tls } from "./tls.ts";
import type { Traffic } from "./traffic.ts";

/** A proxy in front of a backend of its own, that is known to do the work its figures will stand for. */

/** A proxy under way. */
export interface StartedProxy {
  readonly name: string;
  readonly server: Server;
  readonly proxy: Running;
  /** Ends the proxy, then its backend. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts both, and checks the proxy.
 *
 * @param tls What it speaks TLS with, if the clients do.
 * @throws LoadError if it does not start or does something else than what is to be measured.
 */
export async function startProxy(
  processes: Processes,
  contender: Contender,
  traffic: Traffic,
  place: Placement,
  tls?: Tls,
): Promise<StartedProxy> {
  const backend = await startBackend(processes, place);
  const port = await freePort();
  const directory = mkdtempSync(join(processes.directory, "proxy-"));
  const server: Server = { port, tls: traffic.hasTls ? tls : undefined };
  const { argv, env } = contender.command({ ...server, backendPort: backend.port, directory });
  const proxy = processes.start(contender.name, { argv: place.forProxy(argv), ...(env && { env }) });
  const stop = async () => {
    await proxy.stop();
    await backend.server.stop();
  };
  try {
    await firstAnswer(proxy, server, SEEN_PATH);
    await check(contender, server, traffic);
  } catch (error) {
    await stop();
    throw new LoadError(error instanceof Error ? error.message : String(error));
  }
  return { name: contender.name, server, proxy, stop };
}

async function check(contender: Contender, server: Server, traffic: Traffic): Promise<void> {
  const { headers, bodyBytes, replyBytes, path } = traffic.exchange;
  const expect = (what: string, got: string, wanted: string) => {
    if (got === wanted) return;
    throw new Error(`${what} is "${brief(got)}", not "${brief(wanted)}"`);
  };
  const seen = await ask(server, SEEN_PATH);
  const scheme = traffic.hasTls ? "https" : "http";
  const client = contender.forwardsClient ? `127.0.0.1 ${scheme} HTTP/1.1` : "  HTTP/1.1";
  expect("what the backend sees of the client", seen.body, client);

  const body = bodyBytes > 0 ? { body: patternOf(bodyBytes) } : {};
  const { status, body: reply, isLast } = await ask(server, path, { headers, ...body });
  expect("the answer", `${status}, ${reply.length} bytes`, `200, ${replyBytes} bytes`);
  // Else the load would go on with a connection that is to have been its only request's.
  if (!traffic.isPersistent) expect("the end of a connection", isLast ? "said" : "not said", "said");
  if (bodyBytes > 0) {
    const echo = await ask(server, ECHO_PATH, { headers, ...body });
    expect("the body that reaches the backend", echo.body, body.body ?? "");
  } else if (Object.keys(headers).length > 0) {
    const { body: values } = await ask(server, SEEN_HEADERS_PATH, { headers });
    expect("what the backend sees of the headers", values, Object.values(headers).join("\n"));
  }
  if (contender.adds !== undefined) {
    const lacking = lackingIn(contender.adds, await ask(server, ADDED_PATH));
    if (lacking !== undefined) throw new Error(lacking);
  }
}

/** Bytes of which no part looks like another's neighbour: 251 is prime to every size of a buffer. */
function patternOf(bytes: number): string {
  return Array.from({ length: bytes }, (_, index) => String.fromCharCode(32 + ((index % 251) % 95))).join("");
}

function brief(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 100)}… (${text.length} bytes)`;
}
