import type { LoadBalancer } from "../load-balancer.ts";
import { findToken } from "../middleware/bearer-token.ts";
import { areEqualBytes } from "../proxy/equal-bytes.ts";
import { type Problem, problemResponse, unauthorized } from "../proxy/problem.ts";
import { answerStatus } from "../proxy/status.ts";
import { explainEndpoint } from "./explain-endpoint.ts";

/** What came of reading the config again. */
export type ReloadOutcome =
  | {
      readonly reloaded: true;
      /** In sentences: what is seldom meant, and what only another start would change. */
      readonly warnings: readonly string[];
    }
  | {
      readonly reloaded: false;
      /** In sentences, each with its place: why nothing has changed. */
      readonly problems: readonly string[];
    };

/** What may be asked for. */
export interface AdminActions {
  readonly status: () => { readonly draining: boolean };
  /** Undefined if explaining is for somebody else, as a supervisor's workers. */
  readonly explain: LoadBalancer["explain"] | undefined;
  readonly reload: () => Promise<ReloadOutcome>;
}

/** What a client without the token is asked for (RFC 6750 §3). */
const CHALLENGE = 'Bearer realm="lb admin"';

const NOT_FOUND: Problem = {
  status: 404,
  title: "Not Found",
  detail: "There are GET /status, POST /reload and POST /explain.",
};

const POST_ALONE: Problem = {
  status: 405,
  title: "Method Not Allowed",
  detail: "A reload is asked for by POST.",
  allow: "POST",
};

const EXPLAINED_ELSEWHERE: Problem = {
  status: 501,
  title: "Not Implemented",
  detail: "With several workers each decides by itself: ask lb explain with the config instead.",
};

/**
 * Answers whoever has the token, and nobody else: `GET /status`, `POST /reload`, `POST /explain`. It belongs on a
 * listener of its own, which the public cannot reach.
 *
 * @param token What every request brings along as `Authorization: Bearer`.
 * @returns A handler that never rejects.
 */
export function adminService(token: string, actions: AdminActions): (request: Request) => Promise<Response> {
  const expected = new TextEncoder().encode(token);
  const explain = actions.explain === undefined ? undefined : explainEndpoint({ explain: actions.explain });
  return async (request) => {
    if (!isAllowed(request, expected)) return problemResponse(unauthorized(CHALLENGE));
    switch (pathOf(request.url)) {
      case "/status":
        return answerStatus(request, actions.status());
      case "/explain":
        return explain === undefined ? problemResponse(EXPLAINED_ELSEWHERE) : explain(request);
      case "/reload":
        return request.method === "POST" ? answerReload(await actions.reload()) : problemResponse(POST_ALONE);
      default:
        return problemResponse(NOT_FOUND);
    }
  };
}

function answerReload(outcome: ReloadOutcome): Response {
  return new Response(`${JSON.stringify(outcome)}\n`, {
    status: outcome.reloaded ? 200 : 422,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}

function isAllowed(request: Request, expected: Uint8Array): boolean {
  const found = findToken(request, {});
  return found !== undefined && areEqualBytes(new TextEncoder().encode(found.token), expected);
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : "";
}
