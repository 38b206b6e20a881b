import type { ProbeRules } from "../config/resolved.ts";
import type { Backend } from "../core/backend.ts";
import { letGo } from "../transport/let-go.ts";
import type { OutboundRequest } from "../transport/transport.ts";

/** How much of a body is looked at, in bytes: a health page says early what it says, and may be an endless stream. */
const BODY_BYTES = 65_536;

/** The request that a check sends, the balancer's own: nothing of any client's is in it. */
export function probeRequest(backend: Backend, target: string, rules: ProbeRules): OutboundRequest {
  const { method, host } = rules;
  const headers = new Headers({ "user-agent": "lb-health-check", accept: "*/*" });
  headers.set("host", host === "" ? backend.host : host);
  for (const [name, value] of Object.entries(rules.headers)) headers.set(name, value);
  return {
    method,
    target,
    headers,
    eachField: (visit) => headers.forEach(visit),
    announcedBytes: -1,
    idempotent: true,
    body: () => null,
  };
}

/** What a check's answer is worth. */
export interface ProbeVerdict {
  readonly passed: boolean;
  /** In words for a log: `answered 200`. */
  readonly said: string;
}

/**
 * Judges an answer, and lets go of what is left of it. Rejects if the body that is to be looked at breaks, or
 * is not there in time.
 *
 * @param late Aborted when it is too late.
 */
export async function judge(response: Response, rules: ProbeRules, late: AbortSignal): Promise<ProbeVerdict> {
  const { status } = response;
  const said = `answered ${status}`;
  const isGood = rules.statuses.some(([least, most]) => status >= least && status <= most);
  if (!isGood || rules.body === "") {
    // A body that nobody asks for, and that cannot be let go of, must not hold up the checks.
    if (response.body !== null) void letGo(response.body);
    return { passed: isGood, said };
  }
  if (await hasInBody(response.body, rules.body, late)) return { passed: true, said };
  const wanted = typeof rules.body === "string" ? JSON.stringify(rules.body) : String(rules.body);
  return { passed: false, said: `${said} without ${wanted} in its body` };
}

async function hasInBody(
  body: ReadableStream<Uint8Array> | null,
  wanted: string | RegExp,
  late: AbortSignal,
): Promise<boolean> {
  if (body === null) return isIn("", wanted);
  const reader = body.getReader();
  // Not every transport breaks a body that is silent.
  late.addEventListener("abort", () => void letGo(reader), { once: true });
  const decoder = new TextDecoder();
  let text = "";
  for (let left = BODY_BYTES; left > 0; ) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value.subarray(0, left), { stream: true });
    left -= value.length;
    // A pattern may depend on what comes after, a text does not.
    if (typeof wanted === "string" && text.includes(wanted)) break;
  }
  void letGo(reader);
  late.throwIfAborted();
  return isIn(text, wanted);
}

function isIn(text: string, wanted: string | RegExp): boolean {
  // `search` begins at the start whatever the pattern has matched before, as `test` with a flag `g` does not.
  return typeof wanted === "string" ? text.includes(wanted) : text.search(wanted) >= 0;
}
