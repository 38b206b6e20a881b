/** A request as a backend reads it that is as strict as can be: what it cannot be sure of is thrown. */
export interface StrictRequest {
  readonly head: string;
  readonly body: string;
}

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const TEXT = "[^\\x00-\\x08\\x0a-\\x1f\\x7f]*";
const LINE = new RegExp(`^${TOKEN} [^\\x00-\\x20\\x7f#]+ HTTP/1\\.1$`);
const FIELD = new RegExp(`^(${TOKEN}):[ \\t]*(${TEXT})$`);
const SIZE = new RegExp(`^([0-9a-fA-F]{1,16})(?:[ \\t]*;${TEXT})?$`);

/** Parts what came on one connection into the requests that are whole, and what is left of another. */
export function strictRequests(text: string): { requests: StrictRequest[]; rest: string } {
  const requests: StrictRequest[] = [];
  let rest = text;
  for (let next = first(rest); next !== undefined; next = first(rest)) {
    requests.push(next.request);
    rest = rest.slice(next.length);
  }
  return { requests, rest };
}

function first(text: string): { request: StrictRequest; length: number } | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = text.slice(0, headEnd);
  const start = headEnd + 4;
  const [line = "", ...lines] = head.split("\r\n");
  if (!LINE.test(line)) throw new Error(`no request line: ${JSON.stringify(line)}`);
  const once = new Map<string, string>();
  for (const field of lines) {
    const [, name = "", value = ""] = FIELD.exec(field) ?? [];
    if (name === "") throw new Error(`no field: ${JSON.stringify(field)}`);
    const key = name.toLowerCase();
    if (!/^(?:host|content-length|transfer-encoding)$/.test(key)) continue;
    if (once.has(key)) throw new Error(`${name} is there twice`);
    once.set(key, value.trim());
  }
  if (!once.has("host")) throw new Error("there is no Host");
  const length = once.get("content-length");
  const coding = once.get("transfer-encoding");
  if (length !== undefined && coding !== undefined) throw new Error("there are two lengths");
  let end = start;
  if (length !== undefined) {
    if (!/^\d{1,15}$/.test(length)) throw new Error(`no length: ${length}`);
    end = start + Number(length);
    if (text.length < end) return undefined;
  } else if (coding !== undefined) {
    if (coding.toLowerCase() !== "chunked") throw new Error(`no coding: ${coding}`);
    const chunksEnd = endOfChunks(text, start);
    if (chunksEnd === undefined) return undefined;
    end = chunksEnd;
  }
  return { request: { head, body: text.slice(start, end) }, length: end };
}

/** Where a chunked body ends; undefined if it has not. */
function endOfChunks(text: string, start: number): number | undefined {
  for (let at = start; ; ) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const digits = SIZE.exec(text.slice(at, lineEnd))?.[1];
    if (digits === undefined) throw new Error(`no size: ${JSON.stringify(text.slice(at, lineEnd))}`);
    const size = Number.parseInt(digits, 16);
    at = lineEnd + 2;
    if (size === 0) return endOfTrailers(text, at);
    if (text.length < at + size + 2) return undefined;
    if (text.slice(at + size, at + size + 2) !== "\r\n") throw new Error("a chunk has no end");
    at += size + 2;
  }
}

function endOfTrailers(text: string, start: number): number | undefined {
  for (let at = start; ; ) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    if (lineEnd === at) return lineEnd + 2;
    const name = FIELD.exec(text.slice(at, lineEnd))?.[1]?.toLowerCase();
    if (name === undefined) throw new Error("a trailer is no field");
    if (/^(?:host|content-length|transfer-encoding|connection)$/.test(name))
      throw new Error(`${name} trails`);
    at = lineEnd + 2;
  }
}
