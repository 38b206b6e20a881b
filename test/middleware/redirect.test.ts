import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createRedirect, type RedirectStatus } from "../../src/middleware/redirect.ts";
import { createRequestHeaders } from "../../src/middleware/request-headers.ts";
import { changedRequest } from "../../src/proxy/changed-request.ts";
import { LOCAL, type Passing, pass, rawGet } from "./passing.ts";

function to(to: string, keepQuery = true, status: RedirectStatus = 302) {
  return createRedirect({ https: false, to, status, keepQuery });
}

async function locationOf(middleware: ReturnType<typeof to>, request: Request, passing: Passing = {}) {
  const { answer, seen } = await pass(middleware, request, passing);
  expect(seen).toBeUndefined();
  return answer.headers.get("location");
}

describe("redirect", () => {
  test.each([301, 302, 303, 307, 308] as const)("answers %d with the place and no body", async (status) => {
    const { answer, seen } = await pass(to("/new/", true, status), rawGet("/old/"));
    expect([answer.status, answer.headers.get("location"), answer.body, seen]).toEqual([
      status,
      "/new/",
      null,
      undefined,
    ]);
  });

  test.each([
    ["/new", "/old?a=%2F&b", "/new?a=%2F&b"],
    ["/new?x=1", "/old?a=1", "/new?x=1"],
    ["/new#top", "/old?a=1", "/new?a=1#top"],
    ["https://{host}{path}", "/a%2Fb?c", "https://lb.test:81/a%2Fb?c"],
    ["https://www.example.com{path}{query}", "/a?b#c", "https://www.example.com/a?b"],
    ["https://example.com/search{query}", "/a", "https://example.com/search"],
    ["/users/{id}/{none}", "/x", "/users/4%2F2/"],
    ["/\u00fcber", "/x", "/%C3%BCber"],
    ["{path}/", "//evil.test", "/evil.test/"],
    ["{path}/", "/\\evil.test", "/evil.test/"],
    ["/{id}", "/x", "/4%2F2"],
    ["{path}/", "/a/../../b", "/b/"],
  ])("to %s from %s sends to %s", async (target, from, expected) => {
    const request = rawGet(from, { host: "lb.test:81" });
    expect(await locationOf(to(target), request, { params: { id: "4%2F2" } })).toBe(expected);
  });

  test("drops the query where it is not to be kept", async () => {
    expect(await locationOf(to("/new", false), rawGet("/old?a"))).toBe("/new");
  });

  test("never leads to another host by what stands in a path", () => {
    const wild = fc.array(fc.constantFrom("/", "\\", "a", ".", "%2f", "@", ":", "evil.test", "?", "é"), {
      maxLength: 8,
    });
    return fc.assert(
      fc.asyncProperty(
        wild,
        fc.constantFrom("{path}", "{path}/x", "/{id}", "/a{path}"),
        async (parts, template) => {
          const path = `/${parts.join("")}`;
          const request = changedRequest(new Request("http://lb.test/"), { url: `http://lb.test${path}` });
          const location = (await locationOf(to(template), request, { params: { id: `/${path}` } })) ?? "";
          expect(location).toMatch(/^\/[\x21-\x7e]*$/);
          expect(new URL(location, "http://lb.test/").host).toBe("lb.test");
        },
      ),
    );
  });

  test.each(["a b", "evil.test/x", "user@evil.test", "a, b", "a?b", "{path}"])(
    "refuses the Host %p where it would stand in the place",
    async (host) => {
      for (const middleware of [
        to("https://{host}/"),
        createRedirect({ https: true, port: 443, status: 308 }),
      ]) {
        const { answer } = await pass(middleware, rawGet("/", { host }));
        expect([answer.status, answer.headers.has("location")]).toEqual([400, false]);
      }
      expect(await locationOf(to("/new"), rawGet("/", { host }))).toBe("/new");
    },
  );
});

describe("redirect to https", () => {
  const https = createRedirect({ https: true, port: 443, status: 308 });

  test.each([
    ["lb.test", 443, "/a%2Fb?c=%20", "https://lb.test/a%2Fb?c=%20"],
    ["LB.test:8080", 443, "/", "https://LB.test/"],
    ["lb.test:8080", 8443, "//x", "https://lb.test:8443//x"],
    ["[::1]:8080", 443, "/", "https://[::1]/"],
    ["[::1]", 8443, "/?", "https://[::1]:8443/?"],
  ])("keeps host, path and query: %s on %d, %s", async (host, port, target, expected) => {
    const middleware = createRedirect({ https: true, port, status: 308 });
    expect(await locationOf(middleware, rawGet(target, { host }))).toBe(expected);
  });

  test("goes by the Host that the client sent, and without one by the URL", async () => {
    const other = createRequestHeaders({ remove: [], add: [], set: [["host", "inner.test"]] });
    const { seen } = await pass(other, rawGet("/", { host: "outer.test" }));
    expect(await locationOf(https, seen as Request)).toBe("https://outer.test/");
    expect(await locationOf(https, rawGet("/x"))).toBe("https://lb.test/x");
  });

  const TLS = { ...LOCAL, tls: true };
  test.each([
    ["over TLS", TLS, [], undefined, true],
    ["in the clear", LOCAL, [], undefined, false],
    ["in the clear, claiming to be over TLS", LOCAL, [], "https", false],
    ["over TLS by a trusted proxy", LOCAL, ["127.0.0.1"], "https", true],
    ["over TLS by the first of two trusted proxies", LOCAL, ["127.0.0.1"], "HTTPS, http", true],
    ["in the clear to a trusted proxy", TLS, ["127.0.0.1"], "http", false],
    ["over TLS from a trusted proxy that says nothing", TLS, ["127.0.0.1"], undefined, true],
  ])("lets pass what came %s", async (_how, client, trustedProxies, proto, passes) => {
    const request = rawGet("/", proto === undefined ? {} : { "x-forwarded-proto": proto });
    const { answer, seen } = await pass(https, request, { client, trustedProxies });
    expect([answer.status, seen !== undefined]).toEqual(passes ? [200, true] : [308, false]);
  });

  test("goes by the URL where nobody knows the client", async () => {
    const scope = { client: undefined };
    const secure = await https(new Request("https://lb.test/"), async () => new Response("x"), {
      ...scope,
      clientAddress: "",
      isTrustedPeer: false,
      route: "",
      params: {},
      nowMs: () => 0,
      state: new Map(),
    });
    expect(secure.status).toBe(200);
  });
});
