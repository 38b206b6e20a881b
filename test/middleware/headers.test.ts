import { describe, expect, test } from "bun:test";
import { parseCidr } from "../../src/config/cidr.ts";
import type { HeaderRules } from "../../src/middleware/header-changes.ts";
import { createRequestHeaders } from "../../src/middleware/request-headers.ts";
import { createRequestId, REQUEST_ID } from "../../src/middleware/request-id.ts";
import { createResponseHeaders } from "../../src/middleware/response-headers.ts";
import { createStripPrefix } from "../../src/middleware/strip-prefix.ts";
import { Outbound } from "../../src/proxy/outbound.ts";
import { outboundOf } from "../../src/proxy/request.ts";
import { LOCAL, pass, rawGet, scopeOf } from "./passing.ts";

const NOTHING: HeaderRules = { remove: [], set: [], add: [] };

/** The fields that a backend gets of a request. */
function forwarded(request: Request, trusted: readonly string[] = [], isForwarded = false): Headers {
  const trustedProxies = trusted.map((text) => parseCidr(text, "trustedProxies"));
  const outbound = outboundOf(request, LOCAL, { trustedProxies, forwarded: isForwarded });
  if (!(outbound instanceof Outbound)) throw new Error(outbound.detail);
  return outbound.headers;
}

describe("requestHeaders", () => {
  test("removes, sets and adds, in that order, and leaves the client's request alone", async () => {
    const middleware = createRequestHeaders({
      remove: ["x-a", "x-b"],
      set: [
        ["x-b", "new"],
        ["x-c", "c"],
      ],
      add: [
        ["x-c", "more"],
        ["x-d", "d"],
      ],
    });
    const request = rawGet("/", { "x-a": "1", "x-b": "2", "x-c": "3", "x-d": "4", "x-e": "5" });
    const { seen } = await pass(middleware, request);
    expect(Object.fromEntries(seen?.headers ?? [])).toEqual({
      "x-b": "new",
      "x-c": "c, more",
      "x-d": "4, d",
      "x-e": "5",
    });
    expect(request.headers.get("x-a")).toBe("1");
  });

  test("sets the Host that a backend is asked for; it still learns which one the client asked for", async () => {
    const middleware = createRequestHeaders({ ...NOTHING, set: [["host", "inner.test"]] });
    const { seen } = await pass(middleware, rawGet("/", { host: "Outer.test:81" }));
    const headers = forwarded(seen as Request, [], true);
    expect(headers.get("host")).toBe("inner.test");
    expect(headers.get("x-forwarded-host")).toBe("Outer.test:81");
    expect(headers.get("forwarded")).toContain('host="Outer.test:81"');
  });

  test("reaches the backend whatever the client's Connection names", async () => {
    const request = rawGet("/", { connection: "close, x-user, x-own", "x-user": "evil", "x-own": "1" });
    const { seen } = await pass(createRequestHeaders({ ...NOTHING, set: [["x-user", "ann"]] }), request);
    const headers = forwarded(seen as Request);
    expect(headers.get("x-user")).toBe("ann");
    expect(headers.has("x-own")).toBe(false);
  });

  test("may set what a client may not", async () => {
    const set = [
      ["x-real-ip", "1.2.3.4"],
      ["x-forwarded-prefix", "/p"],
    ] as const;
    const request = rawGet("/", { "x-real-ip": "6.6.6.6", "true-client-ip": "6.6.6.6" });
    const first = await pass(createRequestHeaders({ ...NOTHING, set }), request);
    // Others after it do not make it forgotten.
    const { seen } = await pass(
      createStripPrefix({ prefix: "", forwardedPrefix: false }),
      first.seen as Request,
    );
    for (const trusted of [[], ["127.0.0.1"]]) {
      const headers = forwarded(seen as Request, trusted);
      expect(headers.get("x-real-ip")).toBe("1.2.3.4");
      expect(headers.get("x-forwarded-prefix")).toBe("/p");
    }
    expect(forwarded(seen as Request).has("true-client-ip")).toBe(false);
  });

  test("sends a field once that two of them set", async () => {
    const setting = (value: string) => createRequestHeaders({ ...NOTHING, set: [["x-real-ip", value]] });
    const first = await pass(setting("1.1.1.1"), rawGet("/"));
    const { seen } = await pass(setting("2.2.2.2"), first.seen as Request);
    const values: string[] = [];
    const outbound = outboundOf(seen as Request, LOCAL, { trustedProxies: [], forwarded: false }) as Outbound;
    outbound.eachField((value, name) => {
      if (name === "x-real-ip") values.push(value);
    });
    expect(values).toEqual(["2.2.2.2"]);
  });

  test("cannot bring in framing, or say who forwarded, by any name", async () => {
    const set = [
      "forwarded",
      "transfer_encoding",
      "content_length",
      "x_forwarded_for",
      "x-forwarded-for",
      "te",
    ].map((name) => [name, "1"] as const);
    const { seen } = await pass(createRequestHeaders({ ...NOTHING, set }), rawGet("/"));
    const headers = forwarded(seen as Request);
    expect(headers.get("x-forwarded-for")).toBe("127.0.0.1");
    for (const [name] of set)
      if (name !== "x-forwarded-for") expect([name, headers.has(name)]).toEqual([name, false]);
  });
});

describe("responseHeaders", () => {
  const rules: HeaderRules = {
    remove: ["server"],
    set: [["x-frame-options", "DENY"]],
    add: [
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ],
  };

  test("changes every answer, its status, body and the other fields untouched", async () => {
    const { answer } = await pass(createResponseHeaders(rules), rawGet("/"), {
      answer: () =>
        new Response("body", {
          status: 404,
          statusText: "Nope",
          headers: [
            ["server", "x"],
            ["x-frame-options", "SAMEORIGIN"],
            ["set-cookie", "c=3"],
            ["etag", '"1"'],
          ],
        }),
    });
    expect([answer.status, answer.statusText, await answer.text()]).toEqual([404, "Nope", "body"]);
    expect(answer.headers.has("server")).toBe(false);
    expect(answer.headers.get("x-frame-options")).toBe("DENY");
    expect(answer.headers.getSetCookie()).toEqual(["c=3", "a=1", "b=2"]);
    expect(answer.headers.get("etag")).toBe('"1"');
  });

  test("changes answers whose fields cannot be changed", async () => {
    const answer = new Response("body", { status: 203, headers: { server: "x" } });
    const headers = new Headers(answer.headers);
    const frozen = () => {
      throw new TypeError("immutable");
    };
    Object.assign(headers, { set: frozen, append: frozen, delete: frozen });
    Object.defineProperty(answer, "headers", { value: headers });
    const { answer: changed } = await pass(createResponseHeaders(rules), rawGet("/"), {
      answer: () => answer,
    });
    expect([changed.status, changed.headers.has("server"), await changed.text()]).toEqual([
      203,
      false,
      "body",
    ]);
    expect(changed.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  });

  test.each([204, 304])("changes an answer of %d, which has no body", async (status) => {
    const { answer } = await pass(createResponseHeaders(rules), rawGet("/"), {
      answer: () => new Response(null, { status }),
    });
    expect([answer.status, answer.body, answer.headers.get("x-frame-options")]).toEqual([
      status,
      null,
      "DENY",
    ]);
  });
});

describe("requestId", () => {
  const rules = { header: "x-request-id", keepTrusted: true, inResponse: true };
  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

  test("gives each request another, and tells it to backend and client", async () => {
    const seenIds = new Set<string>();
    for (let index = 0; index < 50; index++) {
      const { seen, answer } = await pass(createRequestId(rules), rawGet("/"));
      const id = forwarded(seen as Request).get("x-request-id") ?? "";
      expect(id).toMatch(UUID);
      expect(answer.headers.get("x-request-id")).toBe(id);
      seenIds.add(id);
    }
    expect(seenIds.size).toBe(50);
  });

  test("takes a stranger's for nothing", async () => {
    const request = rawGet("/", { "x-request-id": "mine", connection: "x-request-id" });
    const { seen } = await pass(createRequestId(rules), request, { trustedProxies: ["10.0.0.0/8"] });
    expect(forwarded(seen as Request).get("x-request-id")).toMatch(UUID);
  });

  test.each([
    ["abc-123", true],
    ["x".repeat(128), true],
    ["x".repeat(129), false],
    ["", false],
    ["a b", false],
    ["a, b", false],
    ["caf\u00e9", false],
  ])("keeps a trusted proxy's if it is one: %s", async (said, isKept) => {
    const request = rawGet("/", { "x-request-id": said });
    const { seen, answer } = await pass(createRequestId(rules), request, { trustedProxies: ["127.0.0.1"] });
    expect(seen?.headers.get("x-request-id") === said).toBe(isKept);
    expect(answer.headers.get("x-request-id") === said).toBe(isKept);
  });

  test("does not where it is told not to, nor tells the client", async () => {
    const middleware = createRequestId({ ...rules, keepTrusted: false, inResponse: false });
    const request = rawGet("/", { "x-request-id": "theirs" });
    const { seen, answer } = await pass(middleware, request, { trustedProxies: ["127.0.0.1"] });
    expect(seen?.headers.get("x-request-id")).toMatch(UUID);
    expect(answer.headers.has("x-request-id")).toBe(false);
  });

  test("takes the place of one that a backend answers with, and leaves it to the others", async () => {
    const request = rawGet("/");
    const context = scopeOf(request);
    const answer = await createRequestId(rules)(
      request,
      async () => new Response("x", { headers: { "x-request-id": "the backend's" } }),
      context,
    );
    expect(answer.headers.get("x-request-id")).toMatch(UUID);
    expect(context.state.get(REQUEST_ID)).toBe(answer.headers.get("x-request-id"));
  });
});
