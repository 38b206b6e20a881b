import { changedRequest } from "../proxy/changed-request.ts";
import { changeHeaders, type HeaderRules } from "./header-changes.ts";
import type { Middleware } from "./middleware.ts";

/**
 * Changes the fields that a backend gets. What is set here reaches it whatever the client's own `Connection` names,
 * and though a client's own field of that name would not.
 */
export function createRequestHeaders(rules: HeaderRules): Middleware {
  const vouched = [...new Set([...rules.set, ...rules.add].map(([name]) => name))];
  return function requestHeaders(request, next) {
    const headers = new Headers(request.headers);
    changeHeaders(headers, rules);
    return next(changedRequest(request, { headers, vouched }));
  };
}
