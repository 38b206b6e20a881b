import { changedRequest } from "../proxy/changed-request.ts";
import { withFields } from "../proxy/changed-response.ts";
import type { Middleware } from "./middleware.ts";

/** How requests are numbered. */
export interface RequestIdRules {
  /** The field that carries the number, in lower case. */
  readonly header: string;
  /** Whether a number that a trusted proxy has given is kept. */
  readonly keepTrusted: boolean;
  /** Whether the client is told. */
  readonly inResponse: boolean;
}

/** Where `RequestContext.state` has a request's number. */
export const REQUEST_ID = "requestId";

/** The longest number that is taken over, in characters: it ends up in logs. */
const LONGEST_ID = 128;

/**
 * Gives each request a number that its backend, its client and the logs can call it by: a random UUID (RFC 9562 §5.4).
 */
export function createRequestId({ header, keepTrusted, inResponse }: RequestIdRules): Middleware {
  const vouched = [header];
  return function requestId(request, next, context) {
    const said = keepTrusted && context.isTrustedPeer ? request.headers.get(header) : null;
    const isKept = said !== null && said.length <= LONGEST_ID && /^[\x21-\x7e]+$/.test(said);
    const id = isKept ? said : crypto.randomUUID();
    context.state.set(REQUEST_ID, id);
    const headers = new Headers(request.headers);
    headers.set(header, id);
    const answer = next(changedRequest(request, { headers, vouched }));
    if (!inResponse) return answer;
    return answer.then((response) => withFields(response, (fields) => fields.set(header, id)));
  };
}
