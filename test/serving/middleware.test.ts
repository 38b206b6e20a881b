/** What a route's requests pass on their way to its pool, and back. */
import { expect, spyOn, test } from "bun:test";
import type { Middleware } from "../../src/middleware/middleware.ts";
import { poolsBalancer, to } from "./served-pools.ts";

/** Notes its name on the way there and back. */
function noting(name: string, notes: string[]): Middleware {
  return async (request, next) => {
    notes.push(`>${name}`);
    const answer = await next(request);
    notes.push(`<${name}`);
    return answer;
  };
}

test("what all requests pass comes before what their route says, in order, and last the pool", async () => {
  const notes: string[] = [];
  const { lb } = poolsBalancer(
    {
      middleware: [noting("all", notes)],
      routes: [
        { match: { path: "/a" }, pool: "api", middleware: [noting("one", notes), noting("two", notes)] },
        { pool: "web" },
      ],
    },
    ({ backend }) => {
      notes.push(backend.origin);
      return new Response("ok");
    },
  );
  expect(await (await lb.fetch(to("/a"))).text()).toBe("ok");
  expect(notes.splice(0)).toEqual([">all", ">one", ">two", "http://api:1", "<two", "<one", "<all"]);
  await lb.fetch(to("/b"));
  expect(notes).toEqual([">all", "http://web:1", "<all"]);
});

test("those that a config names do their work, by any way in", async () => {
  const { lb, transport } = poolsBalancer({
    middleware: [{ responseHeaders: { set: { "x-served-by": "lb" } } }],
    routes: [
      { match: { path: "/v1/*" }, pool: "api", middleware: [{ stripPrefix: "/v1" }] },
      { match: { path: "/old/*" }, middleware: [{ redirect: { to: "/new", status: 308 } }] },
    ],
  });
  const answer = await lb.fetch(to("/v1/users?x=1"));
  expect(answer.headers.get("x-served-by")).toBe("lb");
  expect(transport.tries[0]?.outbound.target).toBe("/users?x=1");
  const moved = await lb.fetch(to("/old/page"));
  expect([moved.status, moved.headers.get("location")]).toEqual([308, "/new"]);
  expect(transport.tries).toHaveLength(1);
});

test("a middleware is told of the route and its parameters", async () => {
  let told: unknown;
  const { lb } = poolsBalancer({
    routes: [
      {
        name: "posts",
        match: { path: "/users/:id/posts" },
        middleware: [
          (_request, _next, { route, params, clientAddress }) => {
            told = { route, params, clientAddress };
            return new Response("mine");
          },
        ],
      },
    ],
  });
  const client = { address: "192.0.2.7", port: 1, tls: false, protocol: "1.1" };
  expect(await (await lb.fetch(to("/users/7/posts"), client)).text()).toBe("mine");
  expect(told).toEqual({ route: "posts", params: { id: "7" }, clientAddress: "192.0.2.7" });
});

test("a request that a route without a pool lets through is answered 404", async () => {
  const { lb } = poolsBalancer({ routes: [{ middleware: [(request, next) => next(request)] }] });
  expect((await lb.fetch(to("/"))).status).toBe(404);
});

test("one that fails is its client's 500, and the console is told which and where", async () => {
  const warn = spyOn(console, "warn").mockImplementation(() => {});
  try {
    const error = new Error("no");
    const { lb } = poolsBalancer({
      routes: [
        {
          name: "broken",
          pool: "api",
          middleware: [
            function bad() {
              throw error;
            },
          ],
        },
      ],
    });
    expect((await lb.fetch(to("/"))).status).toBe(500);
    expect(warn.mock.calls).toEqual([["lb: middleware bad of route broken failed:", error]]);
  } finally {
    warn.mockRestore();
  }
});
