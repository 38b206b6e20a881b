import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { ask, firstAnswer, freePort } from "./answer.ts";
import { ECHO_PATH, SEEN_HEADERS_PATH, SEEN_PATH, startBackend } from "./backend.ts";
import type { Contender } from "./contenders/contender.ts";
import type { Exchange } from "./exchanges.ts";
import type { Placement } from "./machine.ts";
import type { Processes, Running } from "./processes.ts";

/** A proxy in front of a backend of its own, that is known to do the work its figures will stand for. */

/** A proxy under way. */
export interface StartedProxy {
  readonly name: string;
  readonly port: number;
  readonly proxy: Running;
  /** Ends the proxy, then its backend. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts both, and checks the proxy.
 *
 * @throws Error if it does not start or does something else than what is to be measured.
 */
export async function startProxy(
  processes: Processes,
  contender: Contender,
  exchange: Exchange,
  place: Placement,
): Promise<StartedProxy> {
  const backend = await startBackend(processes, place);
  const port = await freePort();
  const directory = mkdtempSync(join(processes.directory, "proxy-"));
  const { argv, env } = contender.command({ port, backendPort: backend.port, directory });
  const proxy = processes.start(contender.name, { argv: place.forProxy(argv), ...(env && { env }) });
  const stop = async () => {
    await proxy.stop();
    await backend.server.stop();
  };
  try {
    await firstAnswer(proxy, port, SEEN_PATH);
    await check(contender, port, exchange);
  } catch (error) {
    await stop();
    throw error;
  }
  return { name: contender.name, port, proxy, stop };
}

async function check(contender: Contender, port: number, exchange: Exchange): Promise<void> {
  const { headers, bodyBytes, replyBytes, path } = exchange;
  const expect = (what: string, got: string, wanted: string) => {
    if (got === wanted) return;
    throw new Error(`${contender.name}: ${what} is "${brief(got)}", not "${brief(wanted)}"`);
  };
  const seen = await ask(port, SEEN_PATH);
  const client = contender.forwardsClient ? "127.0.0.1 HTTP/1.1" : " HTTP/1.1";
  expect("what the backend sees of the client", seen.body, client);

  const body = bodyBytes > 0 ? { body: patternOf(bodyBytes) } : {};
  const { status, body: reply } = await ask(port, path, { headers, ...body });
  expect("the answer", `${status}, ${reply.length} bytes`, `200, ${replyBytes} bytes`);
  if (bodyBytes > 0) {
    const echo = await ask(port, ECHO_PATH, { headers, ...body });
    expect("the body that reaches the backend", echo.body, body.body ?? "");
  } else if (Object.keys(headers).length > 0) {
    const { body: values } = await ask(port, SEEN_HEADERS_PATH, { headers });
    expect("what the backend sees of the headers", values, Object.values(headers).join("\n"));
  }
}

/** Bytes of which no part looks like another's neighbour: 251 is prime to every size of a buffer. */
function patternOf(bytes: number): string {
  return Array.from({ length: bytes }, (_, index) => String.fromCharCode(32 + ((index % 251) % 95))).join("");
}

function brief(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 100)}… (${text.length} bytes)`;
}
