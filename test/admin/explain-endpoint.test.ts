/** Explanations over HTTP. */
import { describe, expect, test } from "bun:test";
import { explainEndpoint } from "../../src/admin/explain-endpoint.ts";
import { scriptedBalancer } from "../proxy/scripted-balancer.ts";
import { ok } from "../serving/served-pools.ts";

function setUp() {
  const { lb, transport } = scriptedBalancer(ok, { algorithm: "ip-hash", trustedProxies: ["10.0.0.0/8"] });
  const handler = explainEndpoint(lb);
  const post = (body: BodyInit) => handler(new Request("http://admin/explain", { method: "POST", body }));
  return { lb, transport, handler, post };
}

test("a described request is explained, and goes nowhere", async () => {
  const { lb, transport, post } = setUp();
  const described = {
    method: "GET",
    target: "/users?page=2",
    headers: { host: "api.example.com", "x-forwarded-for": "192.0.2.9" },
    client: "10.0.0.1",
  };
  const answer = await post(JSON.stringify(described));
  expect([answer.status, answer.headers.get("content-type"), answer.headers.get("cache-control")]).toEqual([
    200,
    "application/json",
    "no-store",
  ]);
  const text = await answer.text();
  expect(text).toEndWith("}\n");
  const explanation = JSON.parse(text);
  expect(explanation).toMatchObject({
    request: { method: "GET", host: "api.example.com", path: "/users", query: "page=2", client: "192.0.2.9" },
    route: "*",
    pools: [{ key: { source: "ip", value: "192.0.2.9" }, decision: "backend" }],
  });
  expect(transport.tries).toEqual([]);
  const request = new Request("http://lb/users?page=2", { headers: described.headers });
  await lb.fetch(request, { address: "10.0.0.1", port: 1, tls: false, protocol: "1.1" });
  expect(transport.origins).toEqual([explanation.pools[0].backend]);
});

describe("is refused", () => {
  test.each<[string, BodyInit, string]>([
    ["no body", "", "The body is not JSON."],
    ["no JSON", "{", "The body is not JSON."],
    ["no object", "7", "request: found 7, expected an object with a target"],
    ["a wrong one", '{"target":"x"}', 'target: found "x", expected a path such as /users?page=2, or a URL'],
  ])("%s", async (_, body, detail) => {
    const answer = await setUp().post(body);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(await answer.json()).toEqual({ type: "about:blank", title: "Bad Request", status: 400, detail });
  });

  test("any method but POST", async () => {
    const answer = await setUp().handler(new Request("http://admin/explain"));
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("a body without an end, of which no more is read than may be", async () => {
    let pulls = 0;
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulls += 1;
        controller.enqueue(new Uint8Array(10_000));
      },
      cancel() {
        isCancelled = true;
      },
    });
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    const answer = await setUp().handler(new Request("http://admin/explain", init));
    expect(answer.status).toBe(413);
    expect(isCancelled).toBe(true);
    expect(pulls).toBeLessThan(10);
  });

  test("a body that breaks off", async () => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new Error("gone"));
      },
    });
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    const answer = await setUp().handler(new Request("http://admin/explain", init));
    expect([answer.status, (await answer.json()).detail]).toEqual([400, "The request's body broke off."]);
  });
});
