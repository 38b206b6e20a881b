import { NO_BODY, requestHead } from "../http1/request-writer.ts";
import { originsOf, type RequestOrigins } from "../proxy/changed-request.ts";
import type { ClientInfo } from "../proxy/client.ts";
import { targetOf } from "../proxy/request.ts";
import type { RelayService } from "./relay-service.ts";

/**
 * Relays a request from then on.
 *
 * @param head Its head, as middlewares have left it.
 * @param origins What they have noted of it; undefined if they have changed nothing.
 */
export type HandOver = (service: RelayService, head: Uint8Array, origins: RequestOrigins | undefined) => void;

/**
 * A client whose request offers to switch protocols. A `Response` has no place for a connection, so whoever would
 * forward such a request hands it over: from there on it is relayed as bytes, as middlewares have left it.
 */
export class UpgradingClient implements ClientInfo {
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
  readonly protocol = "1.1";
  readonly #handOver: HandOver;

  /** @param handOver Does nothing if the client has left. */
  constructor({ address, port, tls }: ClientInfo, handOver: HandOver) {
    this.address = address;
    this.port = port;
    this.tls = tls;
    this.#handOver = handOver;
  }

  /**
   * Has a request relayed.
   *
   * @param request The client's, or what was made of it; without a body.
   * @returns What stands for the answer, which nobody sends.
   * @throws Unwritable if its target would break the request line.
   */
  relay(service: RelayService, request: Request): Response {
    const { method, url, headers } = request;
    const eachField = (visit: (value: string, name: string) => void) => headers.forEach(visit);
    const head = requestHead(method, targetOf(url) ?? "/", { eachField }, NO_BODY);
    this.#handOver(service, head, originsOf(request));
    return new Response(null, { status: 204 });
  }
}
