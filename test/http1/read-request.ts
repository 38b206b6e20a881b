import { CHUNKED } from "../../src/http1/framing.ts";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";
import { Malformed, type MalformedKind } from "../../src/http1/malformed.ts";
import { NO_FIELD, RequestHead } from "../../src/http1/request-head.ts";
import { TargetForm } from "../../src/http1/request-target.ts";
import { RequestLine } from "../../src/http1/start-line.ts";

/** What a request's head says, in words. */
export interface Facts {
  readonly method: string;
  readonly minorVersion: number;
  readonly form: string;
  /** As an origin server gets it. */
  readonly target: string;
  readonly authority: string;
  readonly body: number | "chunked";
  readonly isKept: boolean;
  readonly isUpgrade: boolean;
  readonly takesFields: boolean;
  /** The fields that were found, by what they were looked for as; as they stand there. */
  readonly found: Readonly<Record<string, string>>;
}

/** Why there are none. */
export interface Refusal {
  readonly verdict: string;
  readonly kind: MalformedKind;
}

const FORMS = Object.fromEntries(Object.entries(TargetForm).map(([name, form]) => [form, name]));

/**
 * Reads a request's head that comes in these pieces.
 *
 * @param from Where in each piece the parser is to begin: so many bytes stand before it.
 */
export function readRequest(pieces: readonly Uint8Array[], from = 0): Facts | Refusal | "incomplete" {
  const line = new RequestLine();
  const parser = new HeadParser(DEFAULT_LIMITS, line);
  const request = new RequestHead();
  try {
    for (const piece of pieces) {
      if (parser.push(Buffer.concat([Buffer.alloc(from, "z"), piece]), from) < 0) continue;
      request.read(parser, line);
      return factsOf(parser, request);
    }
    return "incomplete";
  } catch (error) {
    if (error instanceof Malformed) return { verdict: error.message, kind: error.kind };
    throw error;
  }
}

function factsOf(parser: HeadParser, request: RequestHead): Facts {
  const { target, connectionOptions, bodyLength } = request;
  const found: Record<string, string> = {};
  for (const name of ["host", "connection", "upgrade", "expect", "te", "trailer"] as const) {
    if (request[name] !== NO_FIELD) found[name] = parser.value(request[name]);
  }
  return {
    method: request.method,
    minorVersion: request.minorVersion,
    form: FORMS[target.form] as string,
    target: target.prefix + parser.slice(target.start, target.end),
    authority: parser.slice(request.authorityStart(parser), request.authorityEnd(parser)),
    body: bodyLength === CHUNKED ? "chunked" : bodyLength,
    isKept: request.isKept,
    isUpgrade: connectionOptions.isUpgrade,
    takesFields: connectionOptions.takesFields,
    found,
  };
}
