import type { Deadline } from "../core/deadlines.ts";
import type { Answering } from "./answering.ts";
import type { ClientConnection } from "./client-connection.ts";
import type { RequestReader } from "./request-reader.ts";
import type { FrontSettings } from "./settings.ts";

/** What a connection needs of the front that it belongs to. */
export interface ConnectionHost {
  readonly settings: FrontSettings;
  /** Whether it takes no more requests: the one under way on each connection is the last. */
  readonly isClosing: boolean;
  /** Whether there are no more connections than there may be, those that were accepted counted. */
  readonly hasRoom: boolean;
  /** Calls `expire` of a connection after so many milliseconds. */
  limit(connection: Deadline, ms: number): void;
  /** The time as of the last tick, in milliseconds: coarse, and free. */
  readonly coarseMs: number;
  /** Who answers the request that was just read on a connection. */
  answering(connection: ClientConnection, reader: RequestReader): Answering;
  /** The connection is gone. */
  closed(connection: ClientConnection): void;
}
