import type { EmptyQueue, Listener, ListenOptions } from "../adapters/adapter.ts";
import { bunAdapter } from "../adapters/bun.ts";
import { ConfigError } from "../config/problem.ts";
import type { FrontName } from "../config/process.ts";
import { type FrontListenOptions, type FrontService, listenHttp1 } from "../front/front.ts";
import { emptyAcceptQueue } from "../linux/accept-queue.ts";
import { systemClock } from "../system.ts";
import { type ListenerSettings, listenOptions } from "./listener-settings.ts";

/** What the user wrote the port and the address into, for errors. */
export interface ListenPlaces {
  readonly port: string;
  readonly host: string;
}

/**
 * Listens, or says in one sentence why that cannot be.
 *
 * @throws ConfigError if the port is taken or the address is not this machine's.
 */
export async function listen(
  front: FrontName,
  service: FrontService,
  options: FrontListenOptions,
  places: ListenPlaces,
): Promise<Listener> {
  const closing = { ...options, emptyQueue };
  try {
    return await (front === "web"
      ? bunAdapter.listen(service.fetch, closing)
      : listenHttp1(service, closing));
  } catch (error) {
    throw listenProblem(error, options, places) ?? error;
  }
}

/**
 * Listens everywhere, or nowhere: if one cannot, those before are closed again.
 *
 * @param more What is different of each.
 * @returns In the order of the settings.
 * @throws ConfigError if a port is taken or an address is not this machine's.
 */
export async function listenAll(
  service: FrontService,
  settings: readonly ListenerSettings[],
  more: (index: number) => Partial<FrontListenOptions> = () => ({}),
): Promise<Listener[]> {
  const open: Listener[] = [];
  try {
    for (const [index, one] of settings.entries()) {
      open.push(await listen(one.front, service, { ...listenOptions(one), ...more(index) }, one.places));
    }
    return open;
  } catch (error) {
    await Promise.all(open.map((listener) => listener.close(0)));
    throw error;
  }
}

const emptyQueue: EmptyQueue = (listening, atMostMs) => emptyAcceptQueue(listening, atMostMs, systemClock);

/** What the runtime's error means to the user; undefined if nobody knows. */
export function listenProblem(
  error: unknown,
  options: ListenOptions,
  places: ListenPlaces,
): ConfigError | undefined {
  const { port, hostname } = options;
  switch ((error as { code?: unknown } | null)?.code) {
    case "EADDRINUSE":
      return new ConfigError(`${places.port}: port ${port} is in use already, expected a free one`);
    case "EACCES":
    case "EPERM":
      return new ConfigError(
        `${places.port}: port ${port} is not allowed to this user, expected one from 1024 up`,
      );
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "EINVAL":
    case "ENOTFOUND":
    // What Bun says of a name that nobody knows.
    case "ENOTTY":
      return new ConfigError(`${places.host}: found "${hostname}", expected an address of this machine`);
    default:
      return undefined;
  }
}
