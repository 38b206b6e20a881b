import { describe, expect, test } from "bun:test";
import { parseCidr } from "../../src/config/cidr.ts";
import { createIpAccess } from "../../src/middleware/ip-access.ts";
import { createMaintenance } from "../../src/middleware/maintenance.ts";
import { createRespond } from "../../src/middleware/respond.ts";
import { LOCAL, pass, rawGet } from "./passing.ts";

const cidrs = (...texts: string[]) => texts.map((text) => parseCidr(text, "test"));
const from = (address: string) => ({ client: { ...LOCAL, address } });

describe("respond", () => {
  test("answers every request with the same, and asks nobody", async () => {
    const middleware = createRespond({
      status: 201,
      body: "h\u00e9",
      headers: [["content-type", "text/plain"]],
    });
    for (let time = 0; time < 2; time++) {
      const { answer, seen } = await pass(middleware, rawGet("/"));
      expect([answer.status, await answer.text(), seen]).toEqual([201, "h\u00e9", undefined]);
      expect(Object.fromEntries(answer.headers)).toEqual({
        "content-type": "text/plain",
        "content-length": "3",
      });
    }
  });

  test.each([204, 205, 304])("with %d it has no body and no length", async (status) => {
    const { answer } = await pass(createRespond({ status, body: "", headers: [["x-a", "1"]] }), rawGet("/"));
    expect([answer.status, answer.body, Object.fromEntries(answer.headers)]).toEqual([
      status,
      null,
      { "x-a": "1" },
    ]);
  });
});

describe("maintenance", () => {
  const rules = {
    enabled: true,
    retryAfterSeconds: 90,
    page: undefined,
    contentType: "",
    allow: cidrs("10.0.0.0/8"),
  };

  test("puts clients off with a problem", async () => {
    const { answer, seen } = await pass(createMaintenance(rules), rawGet("/"));
    expect([answer.status, seen, answer.headers.get("retry-after")]).toEqual([503, undefined, "90"]);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  });

  test("shows them a page", async () => {
    const middleware = createMaintenance({
      ...rules,
      page: "<h1>\u00e9",
      contentType: "text/html; charset=utf-8",
    });
    for (let time = 0; time < 2; time++) {
      const { answer } = await pass(middleware, rawGet("/"));
      expect([answer.status, await answer.text()]).toEqual([503, "<h1>\u00e9"]);
      expect(Object.fromEntries(answer.headers)).toEqual({
        "content-type": "text/html; charset=utf-8",
        "content-length": "6",
        "cache-control": "no-store",
        "retry-after": "90",
      });
    }
  });

  test("lets those pass who are allowed to, by the address that is believed", async () => {
    const middleware = createMaintenance(rules);
    const claiming = rawGet("/", { "x-forwarded-for": "10.1.1.1" });
    expect((await pass(middleware, rawGet("/"), from("10.1.1.1"))).answer.status).toBe(200);
    expect((await pass(middleware, claiming)).answer.status).toBe(503);
    expect((await pass(middleware, claiming, { trustedProxies: ["127.0.0.1"] })).answer.status).toBe(200);
  });

  test("lets all pass while it is off", async () => {
    expect((await pass(createMaintenance({ ...rules, enabled: false }), rawGet("/"))).answer.status).toBe(
      200,
    );
  });
});

describe("ipAccess", () => {
  test.each([
    [["10.0.0.0/8"], [], "10.2.3.4", true],
    [["10.0.0.0/8"], [], "11.2.3.4", false],
    [["10.0.0.0/8"], ["10.2.0.0/16"], "10.2.3.4", false],
    [["10.0.0.0/8"], ["10.2.0.0/16"], "10.3.3.4", true],
    [[], ["10.2.0.0/16"], "10.2.3.4", false],
    [[], ["10.2.0.0/16"], "1.1.1.1", true],
    [[], ["10.2.0.0/16"], "::ffff:10.2.3.4", false],
    [[], ["fd00::/8"], "fd00::1", false],
    [[], ["fd00::/8"], "fe80::1", true],
    [[], ["10.2.0.0/16"], "", false],
    [[], ["10.2.0.0/16"], "unknown", false],
    [["0.0.0.0/0"], [], "::1", false],
  ])("allow %p, deny %p: %p passes: %p", async (allow, deny, address, passes) => {
    const middleware = createIpAccess({ allow: cidrs(...allow), deny: cidrs(...deny) });
    const { answer, seen } = await pass(middleware, rawGet("/"), from(address));
    expect([answer.status, seen !== undefined]).toEqual(passes ? [200, true] : [403, false]);
  });

  test("goes by the client's address, not by a proxy's, and by nobody's word but a trusted one's", async () => {
    const middleware = createIpAccess({ allow: [], deny: cidrs("6.6.6.6") });
    const request = rawGet("/", { "x-forwarded-for": "6.6.6.6" });
    expect((await pass(middleware, request)).answer.status).toBe(200);
    expect((await pass(middleware, request, { trustedProxies: ["127.0.0.1"] })).answer.status).toBe(403);
  });

  test("refuses those whose proxy claims what is no address", async () => {
    const middleware = createIpAccess({ allow: [], deny: cidrs("6.6.6.6") });
    const request = rawGet("/", { "x-forwarded-for": "6.6.6.6:80" });
    expect((await pass(middleware, request, { trustedProxies: ["127.0.0.1"] })).answer.status).toBe(403);
  });
});
