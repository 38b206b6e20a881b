import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseCidr } from "../../src/config/cidr.ts";
import type { ClientInfo } from "../../src/proxy/client.ts";
import { Outbound } from "../../src/proxy/outbound.ts";
import type { Problem } from "../../src/proxy/problem.ts";
import { type ForwardingRules, outboundOf, takeBody, targetOf } from "../../src/proxy/request.ts";
import { NO_BODY } from "../../src/proxy/request-body.ts";

const client: ClientInfo = { address: "192.0.2.7", port: 4711, tls: false, protocol: "1.1" };
const strangers = { trustedProxies: [], forwarded: false };

describe("the target", () => {
  test.each([
    ["http://a/", "/"],
    ["http://a", "/"],
    ["http://a/b?c=d", "/b?c=d"],
    ["http://a/b?", "/b?"],
    ["http://a/?", "/?"],
    ["http://a//b//", "//b//"],
    ["http://a/b?u=http://c/d", "/b?u=http://c/d"],
    ["http://a/b%2F..%2e?%20", "/b%2F..%2e?%20"],
    ["http://a/b#c", "/b"],
    ["http://a/b?c#d?e", "/b?c"],
    ["https://[::1]:8443/x", "/x"],
  ])("of %p is %p", (url, target) => {
    expect(targetOf(url)).toBe(target);
  });

  test.each(["/path", "/path?u=http://c/d", "*", ""])(
    "there is none where the URL names no host: %p",
    (url) => {
      expect(targetOf(url)).toBeUndefined();
    },
  );

  test("is the path and query byte for byte", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9/?:@%&=+.~!*-]{0,40}$/), (rest) => {
        expect(targetOf(`http://example.com:8080/${rest}`)).toBe(`/${rest}`);
      }),
    );
  });
});

/** A request as a server would make it: `Host` and `Content-Length` are fields that `new Request` may refuse. */
function received(method: string, fields: Record<string, string> = {}): Request {
  return { method, headers: new Headers(fields), url: "http://example.com/" } as Request;
}

/** What is wrong with a request; undefined if nothing is. */
function refusal(request: Request): Problem | undefined {
  const outbound = outboundOf(request, client, strangers);
  return outbound instanceof Outbound ? undefined : outbound;
}

function accepted(
  request: Request,
  from: ClientInfo | undefined = undefined,
  rules: ForwardingRules = strangers,
): Outbound {
  const outbound = outboundOf(request, from, rules);
  if (outbound instanceof Outbound) return outbound;
  throw new Error(outbound.detail);
}

/** The headers that a backend gets. */
function outboundHeaders(request: Request, from: ClientInfo | undefined, rules: ForwardingRules): Headers {
  return accepted(request, from, rules).headers;
}

describe("refuses", () => {
  test.each(["TRACE", "CONNECT"])("%s", (method) => {
    expect(refusal(received(method))).toMatchObject({ status: 405, allow: expect.stringContaining("GET") });
  });

  test.each([
    [{ host: "a, b" }, "The request has more than one Host."],
    [{ "content-length": "5, 5" }, "The Content-Length is not one number."],
    [{ "content-length": "-1" }, "The Content-Length is not one number."],
    [{ "content-length": "5x" }, "The Content-Length is not one number."],
    [{ "content-length": "" }, "The Content-Length is not one number."],
  ])("%p", (fields, detail) => {
    expect(refusal(received("POST", fields))).toMatchObject({ status: 400, detail });
  });

  test.each(["a/b", "a b", "user@a", "a?b", "a#b", "a\\b"])("Host %p", (host) => {
    expect(refusal(received("GET", { host }))).toMatchObject({ status: 400 });
  });

  test.each(["GET", "HEAD"])("%s with a body, which no fetch sends", (method) => {
    expect(refusal(received(method, { "content-length": "3" }))?.status).toBe(501);
    expect(refusal(received(method, { "transfer-encoding": "chunked" }))?.status).toBe(501);
  });

  test("nothing else", () => {
    for (const host of ["example.com", "example.com:8080", "[::1]:80", "xn--bcher-kva.example", "a_b"]) {
      expect(refusal(received("GET", { host }))).toBeUndefined();
    }
    expect(refusal(received("GET", { "content-length": "0" }))).toBeUndefined();
    expect(refusal(received("DELETE", { "content-length": "3" }))).toBeUndefined();
    expect(refusal(received("QUERY", { "transfer-encoding": "chunked" }))).toBeUndefined();
  });
});

describe("the headers a backend gets", () => {
  test("are the client's, where it came from, and no others", () => {
    const request = new Request("http://example.com/", {
      headers: {
        host: "example.com:81",
        "x-own": "1",
        connection: "close, x-hop",
        "x-hop": "1",
        te: "trailers",
      },
    });
    expect(Object.fromEntries(outboundHeaders(request, client, strangers))).toEqual({
      host: "example.com:81",
      "x-own": "1",
      "x-forwarded-for": "192.0.2.7",
      "x-forwarded-host": "example.com:81",
      "x-forwarded-proto": "http",
      via: "1.1 lb",
    });
  });

  test("without a client are the client's and Via", () => {
    const request = new Request("http://example.com:82/", { headers: { "x-forwarded-for": "1.1.1.1" } });
    expect(Object.fromEntries(outboundHeaders(request, undefined, strangers))).toEqual({
      host: "example.com:82",
      via: "1.1 lb",
    });
  });

  test("continue Via, and name the protocol that the client spoke", () => {
    const request = new Request("http://a/", { headers: { via: "1.0 fred" } });
    const headers = outboundHeaders(request, { ...client, protocol: "2" }, strangers);
    expect(headers.get("via")).toBe("1.0 fred, 2 lb");
  });

  test("never name Expect, which the server has answered", () => {
    const request = { headers: new Headers({ expect: "100-continue" }), url: "http://a/" } as Request;
    expect(outboundHeaders(request, client, strangers).has("expect")).toBe(false);
  });

  test("believe only those who are trusted", () => {
    const request = new Request("http://a/", { headers: { "x-forwarded-for": "1.1.1.1" } });
    const rules = (range: string) => ({ trustedProxies: [parseCidr(range, "x")], forwarded: false });
    const trusted = outboundHeaders(request, client, rules("192.0.2.0/24"));
    expect(trusted.get("x-forwarded-for")).toBe("1.1.1.1, 192.0.2.7");
    expect(outboundHeaders(request, client, rules("10.0.0.0/8")).get("x-forwarded-for")).toBe("192.0.2.7");
  });

  test("a client whose address nobody knows is called unknown", () => {
    const request = new Request("http://a/");
    const headers = outboundHeaders(request, { ...client, address: "" }, { ...strangers, forwarded: true });
    expect(headers.get("x-forwarded-for")).toBe("unknown");
    expect(headers.get("forwarded")).toBe("for=unknown;host=a;proto=http");
  });

  test("leave the request's own as they were", () => {
    const request = new Request("http://a/", { headers: { connection: "x-hop", "x-hop": "1" } });
    outboundHeaders(request, client, strangers);
    expect(Object.fromEntries(request.headers)).toEqual({ connection: "x-hop", "x-hop": "1" });
  });
});

test("a request is idempotent by its method, RFC 9110 §9.2.2", () => {
  const idempotent = (method: string) => accepted(received(method)).idempotent;
  for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
    expect([method, idempotent(method)]).toEqual([method, true]);
  for (const method of ["POST", "PATCH", "LOCK", "QUERZ", "get"])
    expect([method, idempotent(method)]).toEqual([method, false]);
});

describe("the body", () => {
  const post = (body: BodyInit | null, fields: Record<string, string> = {}) =>
    new Request("http://a/", { method: "POST", body, headers: fields, duplex: "half" } as RequestInit);
  const taken = (request: Request) => takeBody(request, accepted(request), 65_536);
  const streamOf = (...chunks: Uint8Array[]) =>
    new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });

  test("there is none for GET, HEAD, length 0, or where nothing came", async () => {
    expect(taken(new Request("http://a/"))).toBe(NO_BODY);
    expect(taken(new Request("http://a/", { method: "HEAD" }))).toBe(NO_BODY);
    expect(taken(post(null))).toBe(NO_BODY);
    expect(taken(post("", { "content-length": "0" }))).toBe(NO_BODY);
    expect(await taken(post(streamOf()))).toBe(NO_BODY);
    expect(await taken(post(streamOf(new Uint8Array(0))))).toBe(NO_BODY);
  });

  test("a short one of known length is read whole, and can be sent again", async () => {
    const body = await taken(post("hello", { "content-length": "5" }));
    expect(body.replayable).toBe(true);
    for (let round = 0; round < 2; round++) {
      expect(await new Response(body.body()).text()).toBe("hello");
    }
  });

  test("one of unknown length streams", async () => {
    const body = await taken(post(streamOf(new TextEncoder().encode("hello"))));
    expect(body.body()).toBeInstanceOf(ReadableStream);
    expect(await new Response(body.body()).text()).toBe("hello");
  });

  test("a long one streams before it is there", () => {
    const body = taken(post(new ReadableStream(), { "content-length": "65537" }));
    expect(body).not.toBeInstanceOf(Promise);
  });

  test("one that was read or is being read is refused, not thrown", async () => {
    const read = post("hello", { "content-length": "5" });
    await read.text();
    expect(await Promise.resolve(taken(read)).catch((error) => error)).toBeInstanceOf(TypeError);
    const locked = post(streamOf(), { "transfer-encoding": "chunked" });
    locked.body?.getReader();
    expect(await Promise.resolve(taken(locked)).catch((error) => error)).toBeInstanceOf(TypeError);
  });
});
