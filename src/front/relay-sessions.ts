import type { Cidr } from "../config/cidr.ts";
import type { Backend } from "../core/backend.ts";
import type { ClientInfo } from "../proxy/client.ts";
import { type Sessions, speaksTls } from "../proxy/sessions.ts";
import { joinedValue, type RelayKey, relayKey, tableOf } from "./relay-key.ts";
import type { RequestReader } from "./request-reader.ts";

/** The sessions of requests that are relayed. The same as `proxy/sessions.ts` finds in a `Request`. */
export interface RelaySessions {
  /** Works out what a request's session is called. */
  readonly of: RelayKey;
  /** The value of `Set-Cookie` by which the client is told of its backend. Undefined if it has not to be told. */
  setCookie(session: string, backend: Backend, reader: RequestReader, client: ClientInfo): string | undefined;
}

/** What finds the sessions of requests that are relayed. */
export function relaySessions({ source, cookie }: Sessions, trustedProxies: readonly Cidr[]): RelaySessions {
  return {
    of: relayKey(source, trustedProxies, cookie?.isKnown),
    setCookie(session, backend, { fields }, client) {
      if (cookie?.isNews(session, backend) !== true) return undefined;
      return cookie.line(backend, speaksTls(client, joinedValue(fields, FORWARDED_PROTO), trustedProxies));
    },
  };
}

const FORWARDED_PROTO = tableOf("x-forwarded-proto");
