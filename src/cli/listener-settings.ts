import type { ListenerRules } from "../config/listeners.ts";
import type { ConfigProblem } from "../config/problem.ts";
import type { FrontName } from "../config/process.ts";
import { placeOf } from "../config/schema/check.ts";
import type { FrontListenOptions } from "../front/front.ts";
import type { FrontSettings } from "../front/settings.ts";
import type { ServerTls } from "../sockets/socket.ts";
import { withFileProblems } from "./file-problem.ts";
import { keyPair } from "./key-pair.ts";
import type { ListenPlaces } from "./listening.ts";
import type { Places } from "./places.ts";

/** What clients' connections are allowed. */
export type ClientLimits = Pick<
  FrontSettings,
  "maxConnections" | "headTimeoutMs" | "bodyTimeoutMs" | "keepAliveMs" | "writeTimeoutMs"
>;

/** Where and how clients are listened for, checked, with the certificate read. */
export interface ListenerSettings {
  /** 0 for a free one. */
  readonly port: number;
  /** Undefined for all interfaces. */
  readonly host: string | undefined;
  /** Undefined for plain TCP. */
  readonly tls: ServerTls | undefined;
  readonly front: FrontName;
  readonly limits: ClientLimits;
  /** Where the user wrote that. */
  readonly places: ListenPlaces;
}

/** What listeners' settings are made with. */
export interface ListenerSupport {
  /** Where a file is that was named in the config, or by this flag. */
  readonly named: (name: string, flag: string) => string;
  readonly places: Places;
  /** As in `FrontSettings`. */
  readonly writeTimeoutMs: number;
}

/**
 * Reads the files that listeners name.
 *
 * @param problems Takes in what is wrong with them.
 */
export function listenerSettings(
  listeners: readonly ListenerRules[],
  { named, places, writeTimeoutMs }: ListenerSupport,
  problems: ConfigProblem[],
): ListenerSettings[] {
  return listeners.map((rules, index) => {
    const { port, host, front, maxConnections, headTimeoutMs, bodyTimeoutMs, keepAliveTimeoutMs } = rules;
    const at = (key: string, flag: string) => places.of(["listeners", index, key], flag);
    const tlsFile = (key: "cert" | "key", flag: string) => ({
      file: named(rules.tls?.[key] ?? "", flag),
      place: placeOf(["listeners", index, "tls", key]),
    });
    const paths = ["cert", "key"].map((key) => ["listeners", index, "tls", key]);
    const read = () => keyPair(tlsFile("cert", "tls-cert"), tlsFile("key", "tls-key"));
    const tls = rules.tls === undefined ? undefined : withFileProblems(paths, problems, read);
    return {
      port,
      host,
      tls,
      front,
      limits: {
        maxConnections,
        headTimeoutMs,
        bodyTimeoutMs,
        keepAliveMs: keepAliveTimeoutMs,
        writeTimeoutMs,
      },
      places: { port: at("port", "port"), host: at("host", "host") },
    };
  });
}

/** Where and how the settings say to listen. */
export function listenOptions({ port, host, tls, limits }: ListenerSettings): FrontListenOptions {
  return {
    port,
    ...limits,
    ...(host === undefined ? {} : { hostname: host }),
    ...(tls === undefined ? {} : { tls }),
  };
}
