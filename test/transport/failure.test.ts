import { describe, expect, test } from "bun:test";
import { Outcome } from "../../src/core/outcome.ts";
import { fetchFailure } from "../../src/transport/failure.ts";
import { notConnected } from "../../src/transport/http1/failure.ts";

/** As Bun throws: an error with a code of its own. */
function bun(code: string): Error {
  return Object.assign(new Error("Unable to connect. Is the computer able to access the url?"), { code });
}

/** As Node throws: `fetch failed`, and the code in the cause. */
function node(code: string, message = "other side closed"): Error {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code }) });
}

/** As Deno throws: only words, in the message and in that of its causes. */
function deno(...messages: string[]): Error {
  const cause = messages.reduceRight<Error | undefined>(
    (cause, message) => new Error(message, { cause }),
    undefined,
  );
  return new TypeError("error sending request for url (http://127.0.0.1:1/)", { cause });
}

describe("surely not sent", () => {
  const refused = "connection refused";
  const unknown = "host name not found";
  test.each([
    ["Bun, refused", bun("ECONNREFUSED"), refused],
    ["Bun, refused, in its other words", bun("ConnectionRefused"), refused],
    ["Bun, no socket", bun("FailedToOpenSocket"), refused],
    ["Bun, DNS", bun("ENOTFOUND"), unknown],
    ["Bun, TLS", bun("DEPTH_ZERO_SELF_SIGNED_CERT"), "its certificate is self-signed"],
    ["Bun, TLS name", bun("ERR_TLS_CERT_ALTNAME_INVALID"), "its certificate is for another name"],
    ["Bun, no Unix socket there", bun("ENOENT"), "no such socket"],
    ["Bun, a Unix socket of somebody else", bun("EACCES"), "no permission to connect"],
    ["Node, a Unix socket that is busy", node("EAGAIN"), "its queue of connections is full"],
    ["Node, refused", node("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1"), refused],
    ["Node, DNS", node("ENOTFOUND", "getaddrinfo ENOTFOUND nowhere.invalid"), unknown],
    ["Node, DNS not answering", node("EAI_AGAIN"), unknown],
    ["Node, no route", node("EHOSTUNREACH"), "no route to the host"],
    ["Node, connecting timed out", node("UND_ERR_CONNECT_TIMEOUT"), "connecting timed out"],
    [
      "Deno, refused",
      deno("client error (Connect)", "tcp connect error: Connection refused (os error 111)"),
      refused,
    ],
    ["Deno, DNS", deno("client error (Connect)", "dns error: failed to lookup address information"), unknown],
  ])("%s", (_, error, message) => {
    expect(fetchFailure(error)).toEqual({ outcome: Outcome.connectFailed, message });
  });
});

describe("no room here: surely not sent, and nothing against the backend", () => {
  test.each([
    ["Bun", bun("EADDRNOTAVAIL"), "no local port is left to connect from"],
    ["Node", node("EMFILE"), "this process has too many open files"],
    ["Node", node("ENFILE"), "this system has too many open files"],
  ])("%s, %p", (_, error, message) => {
    expect(fetchFailure(error)).toEqual({ outcome: Outcome.noRoom, message });
    expect(notConnected(error)).toMatchObject({ outcome: Outcome.noRoom, message });
  });
});

describe("may have been processed", () => {
  test.each([
    ["Bun, closed or reset", bun("ECONNRESET")],
    ["Node, closed before the head", node("UND_ERR_SOCKET")],
    ["Node, reset", node("ECONNRESET", "read ECONNRESET")],
    [
      "Deno, closed before the head",
      deno("client error (SendRequest)", "connection closed before message completed"),
    ],
    ["Deno, reset", deno("client error (SendRequest)", "Connection reset by peer (os error 104)")],
    ["a code that nobody knows", bun("ESOMETHINGNEW")],
    ["an error without code", new Error("what?")],
    ["no error at all", undefined],
    ["text", "broken"],
    ["null", null],
  ])("%s", (_, error) => {
    expect(fetchFailure(error).outcome).toBe(Outcome.reset);
  });
});

describe("not HTTP", () => {
  test.each([
    ["Bun", bun("Malformed_HTTP_Response")],
    ["Bun, in its other words", bun("InvalidHTTPResponse")],
    ["Node", node("HPE_INVALID_CONSTANT", "Expected HTTP/")],
    ["Node, a header too long", node("UND_ERR_RES_EXCEEDED_MAX_SIZE")],
    ["Deno", deno("client error (SendRequest)", "invalid HTTP version parsed")],
  ])("%s", (_, error) => {
    expect(fetchFailure(error)).toEqual({ outcome: Outcome.malformed, message: "the answer is not HTTP" });
  });
});

test("the nearest code counts, and causes that go in a circle do no harm", () => {
  const error = bun("ECONNREFUSED");
  error.cause = bun("ECONNRESET");
  expect(fetchFailure(error).outcome).toBe(Outcome.connectFailed);
  const circular = new Error("round");
  circular.cause = new Error("and round", { cause: circular });
  expect(fetchFailure(circular).outcome).toBe(Outcome.reset);
});
