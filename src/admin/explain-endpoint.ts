import { ConfigError } from "../config/problem.ts";
import type { LoadBalancer } from "../load-balancer.ts";
import { BROKEN_BODY, badRequest, contentTooLarge, type Problem, problemResponse } from "../proxy/problem.ts";
import { clientOfDescribed, readDescribed, requestOf } from "./described-request.ts";

/** The longest description that is read, in bytes. */
const MOST_BYTES = 65_536;

const POST_ALONE: Problem = {
  status: 405,
  title: "Method Not Allowed",
  detail: "A request to explain is sent by POST.",
  allow: "POST",
};

/**
 * Answers requests to explain where another request would go: `POST` with a `DescribedRequest` as JSON, answered with an
 * `Explanation` as JSON. Who may ask is for whoever puts it somewhere to say.
 *
 * @returns A handler that never rejects; for one path.
 */
export function explainEndpoint(
  balancer: Pick<LoadBalancer, "explain">,
): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== "POST") return problemResponse(POST_ALONE);
    const text = await bodyText(request);
    if (typeof text !== "string") return problemResponse(text);
    const described = describedIn(text);
    if ("status" in described) return problemResponse(described);
    const explanation = balancer.explain(requestOf(described), clientOfDescribed(described));
    return new Response(`${JSON.stringify(explanation)}\n`, {
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
  };
}

function describedIn(text: string): ReturnType<typeof readDescribed> | Problem {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    // What exactly is wrong with it differs from engine to engine.
    return badRequest("The body is not JSON.");
  }
  try {
    return readDescribed(given);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return badRequest(error.message);
  }
}

async function bodyText({ body }: Request): Promise<string | Problem> {
  if (body === null) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      bytes += chunk.value.byteLength;
      if (bytes > MOST_BYTES) {
        await reader.cancel();
        return contentTooLarge(MOST_BYTES);
      }
      text += decoder.decode(chunk.value, { stream: true });
    }
  } catch {
    // A body that breaks off says nothing more of why than that.
    return BROKEN_BODY;
  }
  return text + decoder.decode();
}
