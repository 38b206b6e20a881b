import { withFields } from "../proxy/changed-response.ts";
import { changeHeaders, type HeaderRules } from "./header-changes.ts";
import type { Middleware } from "./middleware.ts";

/** Changes the fields that a client gets, with every answer that comes from behind it. */
export function createResponseHeaders(rules: HeaderRules): Middleware {
  const change = (headers: Headers) => changeHeaders(headers, rules);
  return async function responseHeaders(request, next) {
    return withFields(await next(request), change);
  };
}
