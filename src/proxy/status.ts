import { problemResponse } from "./problem.ts";

/**
 * The balancer's answer about itself: JSON with `backends`, each with `url` and `alive` first. 503 while
 * draining, so that whatever stands before this balancer sends no more.
 *
 * @param status What to tell; its `draining` decides the status code.
 */
export function answerStatus(request: Request, status: { readonly draining: boolean }): Response {
  const { method } = request;
  if (method !== "GET" && method !== "HEAD") {
    const detail = "The status can only be read.";
    return problemResponse({ status: 405, title: "Method Not Allowed", detail, allow: "GET, HEAD" });
  }
  return new Response(`${JSON.stringify(status)}\n`, {
    status: status.draining ? 503 : 200,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}
