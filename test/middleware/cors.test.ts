import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ConfigError } from "../../src/config/problem.ts";
import { createCors } from "../../src/middleware/cors.ts";
import { originMatcher } from "../../src/middleware/cors-origins.ts";
import { answerBytes } from "../raw/backend.ts";
import { ask, request } from "../raw/client.ts";
import { rulesOf } from "./behind.ts";
import { pass } from "./passing.ts";
import { onStage } from "./staged.ts";

const SITE = "https://site.test";

const made = (options: object) => createCors(rulesOf("cors", options));

function asking(method: string, fields: Record<string, string>): Request {
  return new Request("http://lb.test/", { method, headers: fields });
}

function preflight(fields: Record<string, string> = {}): Request {
  return asking("OPTIONS", { origin: SITE, "access-control-request-method": "PUT", ...fields });
}

function fieldsOf(answer: Response): Record<string, string> {
  return Object.fromEntries([...answer.headers].filter(([name]) => /^(access-control|vary)/.test(name)));
}

describe("origins", () => {
  const matches = originMatcher([
    "https://a.test",
    "https://*.b.test",
    "http://*.c.test:8080",
    /https:\/\/d\d+\.test/g,
    /https:\/\/(e|e.test)/,
  ]);

  test.each([
    ["https://a.test", true],
    ["http://a.test", false],
    ["https://a.test:444", false],
    ["https://A.test", false],
    ["https://a.test.evil.test", false],
    ["https://x.b.test", true],
    ["https://x.y-z.b.test", true],
    ["https://b.test", false],
    ["https://.b.test", false],
    ["https://xb.test", false],
    ["https://x.b.test:1", false],
    ["https://evil.test/.b.test", false],
    ["https://evil.test#.b.test", false],
    ["https://u@.b.test", false],
    ["https://x..b.test", false],
    ["http://x.c.test:8080", true],
    ["http://x.c.test", false],
    ["https://d1.test", true],
    ["https://d1.test", true],
    ["https://d1.test.evil.test", false],
    ["evil.https://d1.test", false],
    ["https://e", true],
    ["https://e.test", true],
    ["https://e.test.evil.test", false],
    [`https://${"x".repeat(300)}.b.test`, false],
    ["null", false],
    ["", false],
  ])("%s: %s", (origin, isAllowed) => {
    expect(matches(origin)).toBe(isAllowed);
  });

  test("below a host are hosts, and nothing that another host could be", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (middle) => {
        const origin = `https://${middle}.b.test`;
        if (!originMatcher(["https://*.b.test"])(origin)) return;
        expect(new URL(origin).origin).toBe(origin);
        expect(new URL(origin).hostname).toEndWith(".b.test");
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a preflight", () => {
  test("is answered here", async () => {
    const { answer, seen } = await pass(
      made({ origins: [SITE] }),
      preflight({ "access-control-request-headers": "x-a, X-B" }),
    );
    expect(seen).toBeUndefined();
    expect(answer.status).toBe(204);
    expect(fieldsOf(answer)).toEqual({
      "access-control-allow-headers": "x-a, X-B",
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-origin": SITE,
      "access-control-max-age": "600",
      vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    });
  });

  test("with credentials says so", async () => {
    const { answer } = await pass(
      made({ origins: [SITE], credentials: true, headers: ["x-a"], methods: ["GET"] }),
      preflight(),
    );
    expect(fieldsOf(answer)).toMatchObject({
      "access-control-allow-credentials": "true",
      "access-control-allow-headers": "x-a",
      "access-control-allow-methods": "GET",
    });
  });

  test("from elsewhere is told nothing but what it depends on", async () => {
    const { answer, seen } = await pass(
      made({ origins: [SITE] }),
      preflight({ origin: "https://evil.test" }),
    );
    expect(seen).toBeUndefined();
    expect(answer.status).toBe(204);
    expect(fieldsOf(answer)).toEqual({
      vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    });
  });

  test("gets back only what can be names of fields", async () => {
    const asked = { "access-control-request-headers": "x-a, bad name, , <script>, x-b" };
    const { answer } = await pass(made({ origins: ["*"] }), preflight(asked));
    expect(answer.headers.get("access-control-allow-headers")).toBe("x-a, x-b");
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  });

  test("is told of a private network only where that is meant", async () => {
    const asked = preflight({ "access-control-request-private-network": "true" });
    const off = await pass(made({ origins: [SITE] }), asked);
    expect(off.answer.headers.has("access-control-allow-private-network")).toBeFalse();
    const on = await pass(made({ origins: [SITE], privateNetwork: true }), asked);
    expect(on.answer.headers.get("access-control-allow-private-network")).toBe("true");
    expect(on.answer.headers.get("vary")).toEndWith(", access-control-request-private-network");
  });

  test("is none without an origin or a method: it belongs to the backend", async () => {
    const withoutMethod = asking("OPTIONS", { origin: SITE });
    expect((await pass(made({ origins: [SITE] }), withoutMethod)).seen).toBeDefined();
    const withoutOrigin = asking("OPTIONS", { "access-control-request-method": "PUT" });
    expect((await pass(made({ origins: [SITE] }), withoutOrigin)).seen).toBeDefined();
  });
});

describe("an answer", () => {
  const saying = (headers: Record<string, string>) => ({ answer: () => new Response("ok", { headers }) });

  test("says who may read it, and that it depends on who asks", async () => {
    const cors = made({
      origins: [SITE, "https://other.test"],
      credentials: true,
      exposedHeaders: ["X-Total"],
    });
    const { answer } = await pass(cors, asking("GET", { origin: SITE }), saying({ vary: "accept" }));
    expect(fieldsOf(answer)).toEqual({
      "access-control-allow-credentials": "true",
      "access-control-allow-origin": SITE,
      "access-control-expose-headers": "x-total",
      vary: "accept, Origin",
    });
  });

  test.each([{ origin: "https://evil.test" }, {}, { origin: `${SITE}, ${SITE}` }, { origin: "null" }])(
    "to %j depends on who asks too",
    async (fields) => {
      const { answer, seen } = await pass(
        made({ origins: [SITE] }),
        asking("GET", fields as Record<string, string>),
      );
      expect(seen).toBeDefined();
      expect(fieldsOf(answer)).toEqual({ vary: "Origin" });
    },
  );

  test("for all is the same for all, whoever asks", async () => {
    for (const fields of [{ origin: SITE }, {}]) {
      const { answer } = await pass(
        made({ origins: ["*"] }),
        asking("GET", fields as Record<string, string>),
      );
      expect(fieldsOf(answer)).toEqual({ "access-control-allow-origin": "*" });
    }
  });

  test.each([
    ["Origin", "Origin"],
    ["accept, ORIGIN", "accept, ORIGIN"],
    ["*", "*"],
    ["x-origin", "x-origin, Origin"],
  ])("with Vary: %s says %s", async (before, after) => {
    const { answer } = await pass(made({ origins: [SITE] }), asking("GET", {}), saying({ vary: before }));
    expect(answer.headers.get("vary")).toBe(after);
  });

  test("says nothing that the backend says of it", async () => {
    const said = {
      "access-control-allow-origin": "*",
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "DELETE",
      "access-control-allow-headers": "x-evil",
      "access-control-allow-private-network": "true",
      "access-control-expose-headers": "x-secret",
      "access-control-max-age": "1",
    };
    const { answer } = await pass(
      made({ origins: [SITE] }),
      asking("GET", { origin: "https://evil.test" }),
      saying(said),
    );
    expect(fieldsOf(answer)).toEqual({ vary: "Origin" });
  });
});

test("a browser's two requests, on real sockets", async () => {
  const script = answerBytes(
    "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 2\r\n\r\nok",
  );
  await onStage([made({ origins: [SITE] })], script, async ({ url, backend }) => {
    const asks = [`Origin: ${SITE}`, "Access-Control-Request-Method: PUT"];
    const first = await ask(url, request("OPTIONS", "/x", asks));
    expect(first.head.status).toBe(204);
    expect(first.head.field("access-control-allow-origin")).toBe(SITE);
    expect(first.head.field("content-length")).toBeUndefined();
    expect(backend.seen).toBeEmpty();
    const second = await ask(url, request("PUT", "/x", [`Origin: ${SITE}`, "Content-Length: 1"], "a"));
    expect(second.head.all("access-control-allow-origin")).toEqual([SITE]);
    expect(second.body.toString()).toBe("ok");
  });
});

describe("options", () => {
  test.each<[object, string]>([
    [{}, "cors.origins: found nothing, expected a list"],
    [{ origins: [] }, "cors.origins: found an empty list, expected at least one origin"],
    [
      { origins: ["*"], credentials: true },
      'cors.origins: found "*" with credentials, expected the origins that are trusted: any site could act for a user',
    ],
    [
      { origins: ["null"], credentials: true },
      'cors.origins: found "null" with credentials, expected the origins that are trusted: any site could act for a user',
    ],
    [
      { origins: [SITE], exposedHeaders: ["*"], credentials: true },
      'cors.exposedHeaders: found "*" with credentials, expected names: browsers take it for a name there',
    ],
    [
      { origins: ["https://a.test/"] },
      'cors.origins: found "https://a.test/", expected an origin such as https://example.com or https://*.example.com, in lower case and without a path',
    ],
    [
      { origins: ["https://a.test:443"] },
      'cors.origins: found "https://a.test:443", expected it without its port, as browsers write it',
    ],
    [
      { origins: [SITE], credential: true },
      'cors: found the unknown key "credential"; did you mean credentials?',
    ],
  ])("%j", (options, message) => {
    expect(() => made(options)).toThrow(new ConfigError(message));
  });

  test.each([
    "https://*.a.test",
    "http://localhost:3000",
    "http://[::1]:1",
    "capacitor://localhost",
    "null",
    "*",
  ])("%s is an origin", (origin) => {
    expect(() => made({ origins: [origin] })).not.toThrow();
  });
});
