import { expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { BodyDecoder } from "../../src/http1/body-decoder.ts";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";
import { Malformed } from "../../src/http1/malformed.ts";
import { RequestHead } from "../../src/http1/request-head.ts";
import { RequestLine } from "../../src/http1/start-line.ts";
import { likelyRequests } from "./likely-request.ts";

type Field = readonly [name: string, value: string];

/** A request whose head was taken. */
interface Request {
  readonly method: string;
  readonly target: string;
  readonly minorVersion: number;
  readonly fields: readonly Field[];
  /** Whether its body was read to the end; if not, nothing is said of that. */
  readonly isDone: boolean;
  readonly body: string;
  readonly trailers: readonly Field[];
}

/** What a server makes of all that came on one connection. */
interface Reading {
  readonly requests: Request[];
  /** Why it read no further: a mistake. */
  readonly error?: string;
}

/** What is made of it here. */
interface OwnReading extends Reading {
  /** No more requests are read, whatever comes: there was a mistake, or the client wants to close. */
  readonly isOver: boolean;
}

function readHere(bytes: Uint8Array): OwnReading {
  const line = new RequestLine();
  const head = new HeadParser(DEFAULT_LIMITS, line);
  const facts = new RequestHead();
  const decoder = new BodyDecoder(DEFAULT_LIMITS);
  const requests: Request[] = [];
  try {
    for (let at = 0; at < bytes.length; ) {
      head.reset();
      at = head.push(bytes, at);
      if (at < 0) break;
      facts.read(head, line);
      decoder.begin(facts.bodyLength);
      const { method, minorVersion } = facts;
      const target = head.slice(line.targetStart, line.targetEnd);
      const taken = { method, target, minorVersion, fields: fieldsOf(head) };
      requests.push({ ...taken, isDone: false, body: "", trailers: [] });
      let body = "";
      while (at < bytes.length && !decoder.isDone) {
        at = decoder.advance(bytes, at);
        body += latin1(bytes.subarray(decoder.dataStart, decoder.dataEnd));
      }
      if (!decoder.isDone) break;
      requests[requests.length - 1] = { ...taken, isDone: true, body, trailers: fieldsOf(decoder.trailers) };
      if (!facts.isKept) return { requests, isOver: true };
    }
    return { requests, isOver: false };
  } catch (error) {
    if (error instanceof Malformed) return { requests, isOver: true, error: error.message };
    throw error;
  }
}

function fieldsOf(head: HeadParser | undefined): Field[] {
  return Array.from({ length: head?.fieldCount ?? 0 }, (_, field) => [
    head?.name(field) ?? "",
    head?.value(field) ?? "",
  ]);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function readByNode(connections: readonly Uint8Array[]): Reading[] {
  const input = JSON.stringify(connections.map((bytes) => Buffer.from(bytes).toString("base64")));
  const run = Bun.spawnSync(["node", join(import.meta.dir, "node-server.mjs")], {
    stdin: new TextEncoder().encode(input),
  });
  if (run.exitCode !== 0) throw new Error(run.stderr.toString());
  return JSON.parse(run.stdout.toString()) as Reading[];
}

const has = (fields: readonly Field[], ...names: readonly string[]) =>
  fields.some(([name]) => names.includes(name.toLowerCase()));

/** What Node refuses and we take, on purpose: whether this is it. The request is the first that is not the same. */
type Exception = (request: Request, theirError: string, before: readonly Request[]) => boolean;

const TAKEN_HERE_ONLY: Readonly<Record<string, Exception>> = {
  "what comes with a request for an upgrade, which Node drops if nobody listens for those": (
    request,
    error,
    before,
  ) =>
    error === "" &&
    [...before, request].some(({ fields }) => has(fields, "upgrade") && has(fields, "connection")),
  "a method that Node does not know: what it means is for the backend to say (RFC 9110 §9.1)": ({ method }) =>
    !METHODS.includes(method),
  "a minor version above 1: it is read as 1.1 (RFC 9110 §2.5)": ({ minorVersion }, error) =>
    error === "HPE_INVALID_VERSION" && minorVersion > 1,
  "a byte above 0x7f in the target: some clients send them, and nobody reads two things in it": (
    { target },
    error,
  ) => error === "HPE_INVALID_URL" && /[\x80-\xff]/.test(target),
  "white space around a chunk extension (RFC 9112 §7.1.1), and any printable text as one: it ends at its CRLF":
    ({ fields }, error) =>
      ["HPE_INVALID_CHUNK_SIZE", "HPE_STRICT"].includes(error) && has(fields, "transfer-encoding"),
  "a trailer that would frame a body: who passes trailers on leaves such out (RFC 9110 §6.5.1)": (
    { trailers },
    error,
  ) => /^HPE_\w+(LENGTH|ENCODING)$/.test(error) && has(trailers, "content-length", "transfer-encoding"),
};

function exceptionFor(requests: readonly Request[], theirError: string): string | undefined {
  const last = requests.at(-1) as Request;
  return Object.keys(TAKEN_HERE_ONLY).find((name) =>
    TAKEN_HERE_ONLY[name]?.(last, theirError, requests.slice(0, -1)),
  );
}

/** The first request that was taken here and not, or not so, by Node; -1 if there is none. */
function firstOther(ours: OwnReading, their: Reading): number {
  const other = ours.requests.findIndex((request, at) => !Bun.deepEquals(request, their.requests[at]));
  if (other >= 0 || ours.isOver) return other;
  // What it refuses may be the beginning of a head that is waited for here, but nothing of a body.
  const last = ours.requests.length - 1;
  const isRefused = their.error !== undefined && their.error !== "HPE_INVALID_EOF_STATE";
  return isRefused && ours.requests[last]?.isDone === false ? last : -1;
}

/** The methods among the samples that Node knows. */
const METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "M-SEARCH"];

test("what is taken here, Node's server takes as the same requests", () => {
  const connections = fc.sample(likelyRequests, { numRuns: 6_000, seed: 20_260 });
  const theirs = readByNode(connections);
  const met = new Set<string>();
  let taken = 0;
  for (const [index, bytes] of connections.entries()) {
    const ours = readHere(bytes);
    const their = theirs[index] as Reading;
    const other = firstOther(ours, their);
    const exception =
      other < 0 ? undefined : exceptionFor(ours.requests.slice(0, other + 1), their.error ?? "");
    if (exception !== undefined) {
      met.add(exception);
    } else {
      const text = latin1(bytes);
      // What else Node takes then does not matter.
      const count = ours.isOver ? ours.requests.length : undefined;
      expect({ text, other, requests: their.requests.slice(0, count) }).toEqual({
        text,
        other: -1,
        requests: ours.requests,
      });
      taken += ours.requests.length;
    }
  }
  // Or the samples would show nothing.
  expect(taken).toBeGreaterThan(1_000);
  // One that is not met any more is gone from Node, and has to go from here.
  expect([...met].sort()).toEqual(Object.keys(TAKEN_HERE_ONLY).sort());
});
