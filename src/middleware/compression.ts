import { withBody, withFields } from "../proxy/changed-response.ts";
import { chosenCoding } from "./accept-encoding.ts";
import { compressedBody } from "./compressed-body.ts";
import { mediaType, typeMatcher } from "./compressible-types.ts";
import { type Coding, type CompressionLevels, type Compressors, runtimeCompressors } from "./compressor.ts";
import type { Middleware, MiddlewareDeps } from "./middleware.ts";
import { addVary } from "./vary.ts";

/** Which answers are compressed, and how. */
export interface CompressionRules extends CompressionLevels {
  /** The best first, among those that a client takes equally gladly. */
  readonly codings: readonly Coding[];
  /** An answer that says that it is shorter, in bytes, is left as it is. */
  readonly minBytes: number;
  /** As `typeMatcher` has it. */
  readonly types: readonly string[];
  /** How many are compressed at once; those beyond pass as they are. Each takes up to 3 MiB. */
  readonly maxStreams: number;
}

const VARY = ["Accept-Encoding"];

/** What is said of the bytes of a body, and no longer holds for those that it is compressed to (RFC 9530, RFC 9110 §14.3). */
const OF_THE_BYTES = [
  "accept-ranges",
  "content-digest",
  "content-length",
  "content-md5",
  "digest",
  "repr-digest",
] as const;

/**
 * Compresses answers for clients that take it. What is compressed already passes as it is, as does what is part of a
 * whole (206), and what must not be changed (RFC 9111 §5.2.2.6).
 *
 * @param compressors Default: the runtime's.
 */
export function createCompression(
  rules: CompressionRules,
  deps: MiddlewareDeps,
  compressors: Compressors = runtimeCompressors(),
): Middleware {
  const offered = rules.codings.filter((coding) => compressors.codings.includes(coding));
  const missing = rules.codings.filter((coding) => !offered.includes(coding));
  if (missing.length > 0) deps.warn(`compression: this runtime has no ${missing.join(", ")}`);
  const isOfType = typeMatcher(rules.types);
  let open = 0;
  const onOver = () => {
    open -= 1;
  };

  const isEligible = (request: Request, { status, headers, body }: Response): boolean => {
    if (status === 204 || status === 205 || status === 206) return false;
    if (body === null && request.method !== "HEAD") return false;
    const type = headers.get("content-type");
    if (type === null || !isOfType(type)) return false;
    if (headers.has("content-encoding") || headers.has("content-range")) return false;
    const length = headers.get("content-length");
    if (length !== null && Number(length) < rules.minBytes) return false;
    return !forbidsChange(headers) && !forbidsChange(request.headers);
  };

  return async function compression(request, next) {
    const answer = await next(request);
    if (answer.status === 304) return revalidated(request, answer);
    if (!isEligible(request, answer)) return answer;
    const coding = chosenCoding(request.headers.get("accept-encoding"), offered);
    if (coding === undefined || open >= rules.maxStreams) {
      return withFields(answer, (headers) => addVary(headers, VARY));
    }
    if (request.method === "HEAD" || answer.body === null) {
      return withFields(answer, (headers) => describeCompressed(headers, coding));
    }
    const headers = new Headers(answer.headers);
    describeCompressed(headers, coding);
    const isEvents = mediaType(headers.get("content-type") ?? "") === "text/event-stream";
    const compressor = compressors.open(coding, rules, isEvents);
    open += 1;
    return withBody(answer, compressedBody(answer.body, compressor, onOver), headers);
  };
}

function describeCompressed(headers: Headers, coding: Coding): void {
  headers.set("content-encoding", coding);
  for (const name of OF_THE_BYTES) headers.delete(name);
  const tag = headers.get("etag");
  if (tag !== null) headers.set("etag", weak(tag));
  addVary(headers, VARY);
}

/**
 * What a client holds under a weak tag was compressed here, as far as the backend knows the tag as a strong one. Told of
 * it under the strong one, it would not know what that is about (RFC 9111 §4.3.4).
 */
function revalidated(request: Request, answer: Response): Response {
  const tag = answer.headers.get("etag");
  const held = request.headers.get("if-none-match");
  if (tag === null || held === null || tag === weak(tag) || !held.includes(weak(tag))) return answer;
  return withFields(answer, (headers) => {
    headers.set("etag", weak(tag));
    addVary(headers, VARY);
  });
}

/** The same tag for what means the same, though its bytes are others (RFC 9110 §8.8.1). */
function weak(tag: string): string {
  return tag.startsWith("W/") ? tag : `W/${tag}`;
}

function forbidsChange(headers: Headers): boolean {
  const said = headers.get("cache-control");
  return said !== null && NO_TRANSFORM.test(said);
}

const NO_TRANSFORM = /(?:^|[\s,])no-transform(?:$|[\s,])/i;
