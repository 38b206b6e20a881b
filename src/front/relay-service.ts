import type { Backend } from "../core/backend.ts";
import type { Balancer } from "../core/balancer.ts";
import type { DeadlineWheel } from "../core/deadlines.ts";
import type { ClientInfo } from "../proxy/client.ts";
import type { ProxyRules } from "../proxy/forwarder.ts";
import type { Sending } from "../transport/http1/sending.ts";
import type { Transport } from "../transport/transport.ts";
import type { RelayKey } from "./relay-key.ts";
import type { RelaySessions } from "./relay-sessions.ts";
import type { RequestReader } from "./request-reader.ts";

/** A transport that takes requests as bytes, as `http1` does. */
export interface DispatchingTransport extends Transport {
  /** Gives a request to a connection of the backend's, or to the queue for one. */
  dispatch(backend: Backend, sending: Sending, nowMs: number): void;
}

/** Whether a transport takes requests as bytes. */
export function canDispatch(transport: Transport): transport is DispatchingTransport {
  return "dispatch" in transport;
}

/** What relays requests from bytes to bytes stands on: the very things that a balancer's `fetch` does. */
export interface RelayService {
  readonly balancer: Balancer;
  readonly wheel: DeadlineWheel;
  /** Where it is noted when second tries are due. Undefined if there are none. */
  readonly hedgeWheel: DeadlineWheel | undefined;
  readonly rules: ProxyRules;
  /** Works out the key that the balancer picks by. Undefined if it picks by none. */
  readonly keyOf: RelayKey | undefined;
  /** What keeps requests at their backends. Undefined if nothing does. */
  readonly sessions: RelaySessions | undefined;
  /** Gives a request to a connection of the backend's, or to the queue for one. */
  dispatch(backend: Backend, sending: Sending, nowMs: number): void;
  /** Told of each try that failed, in words for a log. */
  tryFailed(backend: Backend, method: string, url: string, reason: string): void;
}

/** Which requests are relayed, and with what. */
export interface Relaying {
  /** Whether it is about to stop: clients are told to use another connection. */
  readonly isDraining: boolean;
  /** What a request that was just read is relayed with. Undefined if it is the handler's to answer. */
  serviceFor(reader: RequestReader, client: ClientInfo): RelayService | undefined;
}

/** The same, with somebody told of each request that is relayed. */
export function toldOf(relaying: Relaying, asked: () => void): Relaying {
  return {
    get isDraining() {
      return relaying.isDraining;
    },
    serviceFor(reader, client) {
      asked();
      return relaying.serviceFor(reader, client);
    },
  };
}
