import type { HeaderField } from "./header-changes.ts";
import type { Middleware } from "./middleware.ts";

/** An answer that is always the same. */
export interface RespondRules {
  /** From 200 to 599. */
  readonly status: number;
  /** Empty where the status has none: 204, 205 and 304. */
  readonly body: string;
  /** `Content-Type` among them, if there is a body. */
  readonly headers: readonly HeaderField[];
}

/** Answers everything with the same, and asks no backend. */
export function createRespond({ status, body, headers }: RespondRules): Middleware {
  const bytes = status === 204 || status === 205 || status === 304 ? null : new TextEncoder().encode(body);
  const fields: [string, string][] = headers.map(([name, value]) => [name, value]);
  if (bytes !== null) fields.push(["content-length", String(bytes.length)]);
  return function respond() {
    return new Response(bytes, { status, headers: fields });
  };
}
