import { type Cidr, isInAny } from "../config/cidr.ts";
import { problemResponse, serviceUnavailable } from "../proxy/problem.ts";
import type { Middleware } from "./middleware.ts";

/** How clients are put off. */
export interface MaintenanceRules {
  /** Whether it is on. */
  readonly enabled: boolean;
  /** When clients should come again, in seconds. */
  readonly retryAfterSeconds: number;
  /** What they are shown; undefined for a problem in JSON. */
  readonly page?: string | undefined;
  /** The page's. */
  readonly contentType: string;
  /** Whose requests are answered as ever. */
  readonly allow: readonly Cidr[];
}

/** Answers 503 to all but a few, until it is taken away again. */
export function createMaintenance(rules: MaintenanceRules): Middleware {
  const { enabled, retryAfterSeconds, page, contentType, allow } = rules;
  const problem = serviceUnavailable("The service is under maintenance.", retryAfterSeconds);
  const bytes = page === undefined ? undefined : new TextEncoder().encode(page);
  const fields = {
    "content-type": contentType,
    "content-length": String(bytes?.length),
    "cache-control": "no-store",
    "retry-after": String(retryAfterSeconds),
  };
  return function maintenance(request, next, { clientAddress }) {
    if (!enabled || isInAny(allow, clientAddress)) return next(request);
    if (bytes === undefined) return problemResponse(problem);
    return new Response(bytes, { status: 503, headers: fields });
  };
}
