/** What `lb explain` prints. */
import { expect, test } from "bun:test";
import { type Paint, plain } from "../../src/cli/colours.ts";
import { explained } from "../../src/cli/explain/explain.ts";
import type { BackendVerdict } from "../../src/core/explanation/pool-verdict.ts";
import type { Explanation, PoolExplanation } from "../../src/serving/explanation.ts";

const DESCRIBED = { method: "GET", target: "/", headers: {}, client: "" };

const BACKEND: BackendVerdict = {
  url: "http://a:1",
  state: "up",
  weight: 2,
  tier: 0,
  inFlight: 3,
  limit: 0,
  score: "3/2 = 1.5",
  chance: 1,
  reason: "the fewest for its weight",
};

const POOL: PoolExplanation = {
  pool: "api",
  share: 0.95,
  isChosen: true,
  reason: "it is its turn",
  algorithm: "least-connections",
  key: null,
  decision: "backend",
  backend: "http://a:1",
  outcome: "goes to http://a:1",
  rule: "the fewest requests under way for its weight",
  sessionBackend: null,
  panic: false,
  tiers: [
    { tier: 0, share: 0.7 },
    { tier: 1, share: 0.3 },
  ],
  waiting: 0,
  backends: [
    BACKEND,
    {
      ...BACKEND,
      url: "http://long-name:8080",
      state: "down",
      limit: 10,
      score: null,
      chance: 0,
      reason: "down for 3.0 s",
    },
    {
      ...BACKEND,
      url: "http://c:1",
      state: "half-open",
      tier: 1,
      inFlight: 0,
      chance: null,
      reason: "who knows",
    },
  ],
};

const EXPLANATION: Explanation = {
  request: { method: "GET", host: "api.example.com", path: "/v1/users/7", query: "x=1", client: "10.0.0.1" },
  outcome: "passes its middlewares, and goes to http://a:1 in pool api",
  route: "users",
  routes: [
    { name: "users", isMatch: true, reason: "matched" },
    { name: "everything", isMatch: false, reason: "not reached: users matched before" },
  ],
  params: { id: "7", kind: "a" },
  middleware: ["requestId", "audit", "3"],
  pools: [
    POOL,
    {
      ...POOL,
      pool: "canary",
      share: 0.05,
      isChosen: false,
      reason: "it is another's turn",
      algorithm: "own",
      rule: "",
      key: { source: "cookie:sid", value: "" },
      panic: true,
      tiers: [],
      backend: null,
      backends: [],
      outcome: "is answered 503: no backend is available",
    },
  ],
  mirror: { pool: "shadow", percent: 10 },
  notes: ["A note."],
};

const print = (explanation: Explanation, isJson = false, paint: Paint = plain) =>
  explained(DESCRIBED, async () => explanation, isJson, paint);

test("says what becomes of the request, and then why", async () => {
  expect((await print(EXPLANATION)).split("\n")).toEqual([
    "GET /v1/users/7?x=1 for api.example.com from 10.0.0.1",
    "passes its middlewares, and goes to http://a:1 in pool api",
    "",
    "Routes, in the order in which they are asked",
    "→ users       matched",
    "  everything  not reached: users matched before",
    "  with id=7, kind=a",
    "",
    "Middlewares",
    "  1. requestId",
    "  2. audit",
    "  3. a function without a name",
    "",
    "Pool api, 95 % of the route's requests: it is its turn",
    "  least-connections: the fewest requests under way for its weight",
    "  tiers: 0 gets 70 %, 1 gets 30 %",
    "  backend                state        weight  tier  in flight  chance  score      why",
    "→ http://a:1             ● up              2     0          3   100 %  3/2 = 1.5  the fewest for its weight",
    "  http://long-name:8080  ○ down            2     0    3 of 10     0 %  -          down for 3.0 s",
    "  http://c:1             ● half-open       2     1          0       ?  3/2 = 1.5  who knows",
    "  goes to http://a:1",
    "",
    "Pool canary, 5 % of the route's requests, not this one: it is another's turn",
    "  no backend gets requests",
    "  key (cookie:sid): none",
    "  panic: so few backends are available that all get requests",
    "  backend  state  weight  tier  in flight  chance  score  why",
    "  is answered 503: no backend is available",
    "",
    "Pool shadow gets copies of 10 % of the route's requests",
    "",
    "A note.",
    "",
  ]);
});

test("of a request that nobody takes it says as much as there is", async () => {
  const nothing: Explanation = {
    ...EXPLANATION,
    request: { method: "GET", host: "", path: "/", query: "", client: "" },
    outcome: "is answered with the balancer's own status",
    route: null,
    routes: [],
    params: {},
    middleware: [],
    pools: [],
    mirror: null,
    notes: [],
  };
  expect(await print(nothing)).toBe(
    "GET / for no host from an unknown client\nis answered with the balancer's own status\n",
  );
});

test("colours what is chosen and what is out, and moves nothing by it", async () => {
  const marked = await print(EXPLANATION, false, (colour, text) => `<${colour}>${text}</>`);
  expect(marked).toContain("<green>→</> <green>http://a:1           </>  <green>● up       </>");
  expect(marked).toContain("<red>○ down     </>");
  expect(marked).toContain("<yellow>A note.</>");
  expect(marked.replace(/<[^>]*>/g, "")).toBe(await print(EXPLANATION));
});

test("is JSON for a program", async () => {
  const text = await print(EXPLANATION, true);
  expect(text).toEndWith("}\n");
  expect(JSON.parse(text)).toEqual(EXPLANATION);
});
