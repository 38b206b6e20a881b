import { describe, expect, test } from "bun:test";
import { adminService, type ReloadOutcome } from "../../src/admin/admin-service.ts";
import { createLoadBalancer } from "../../src/load-balancer.ts";

const TOKEN = "correct-horse-battery";

function service(outcome: ReloadOutcome = { reloaded: true, warnings: [] }, explains = true) {
  const balancer = createLoadBalancer({ backends: ["http://a:1"], healthCheck: false });
  let reloads = 0;
  const handler = adminService(TOKEN, {
    status: () => balancer.status(),
    explain: explains ? (request, client) => balancer.explain(request, client) : undefined,
    reload: async () => {
      reloads += 1;
      return outcome;
    },
  });
  const ask = (method: string, path: string, init: RequestInit = {}, token: string | null = TOKEN) =>
    handler(
      new Request(`http://127.0.0.1:9000${path}`, {
        method,
        ...init,
        headers: token === null ? {} : { authorization: `Bearer ${token}` },
      }),
    );
  return { ask, reloads: () => reloads };
}

describe("the admin listener", () => {
  test.each([[null], [""], ["wrong"], [TOKEN.slice(0, -1)], [`${TOKEN}x`], [TOKEN.toUpperCase()]])(
    "lets in nobody with the token %p, whatever they ask",
    async (token) => {
      const { ask, reloads } = service();
      for (const [method, path] of [
        ["GET", "/status"],
        ["POST", "/reload"],
        ["POST", "/explain"],
        ["GET", "/nowhere"],
      ] as const) {
        const answer = await ask(method, path, {}, token);
        expect(answer.status).toBe(401);
        expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="lb admin"');
      }
      expect(reloads()).toBe(0);
    },
  );

  test("tells the status, explains, and knows nothing else", async () => {
    const { ask } = service();
    expect(await (await ask("GET", "/status")).json()).toMatchObject({ backends: [{ url: "http://a:1" }] });
    const described = JSON.stringify({ target: "/x" });
    const explained = await ask("POST", "/explain", { body: described });
    expect([explained.status, typeof (await explained.json())]).toEqual([200, "object"]);
    expect((await ask("GET", "/")).status).toBe(404);
    expect((await ask("GET", "/reload")).status).toBe(405);
  });

  test("reloads, and tells what came of it", async () => {
    const good = service({ reloaded: true, warnings: ["watch: it has changed"] });
    const answer = await good.ask("POST", "/reload");
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { reloaded: true, warnings: ["watch: it has changed"] },
    ]);
    expect(good.reloads()).toBe(1);
    const bad = await service({ reloaded: false, problems: ["lb.yaml:1:1: x"] }).ask("POST", "/reload");
    expect([bad.status, await bad.json()]).toEqual([422, { reloaded: false, problems: ["lb.yaml:1:1: x"] }]);
  });

  test("of several workers explains nothing", async () => {
    const { ask } = service(undefined, false);
    expect((await ask("POST", "/explain", { body: "{}" })).status).toBe(501);
  });
});
