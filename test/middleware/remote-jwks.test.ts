/** Keys that an issuer publishes, over real sockets and in a time that passes when the test says so. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { createLoadBalancer } from "../../src/load-balancer.ts";
import { createJwt } from "../../src/middleware/jwt.ts";
import { until } from "../raw/within.ts";
import { ScriptedTransport } from "../simulation/scripted-transport.ts";
import { rulesOf } from "./behind.ts";
import { depsOf, pass, rawGet } from "./passing.ts";
import { goodClaims, type Signer, signer } from "./tokens.ts";

const old = await signer("RS256", "old");
const fresh = await signer("RS256", "fresh");

/** The issuer, as it is at the moment. */
let answer: () => Response | Promise<Response>;
let fetches: number;
let server: Bun.Server<unknown>;

const publishing = (...keys: Signer[]) => Response.json({ keys: keys.map(({ jwk }) => jwk) });

beforeEach(() => {
  answer = () => publishing(old);
  fetches = 0;
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    development: false,
    fetch() {
      fetches += 1;
      return answer();
    },
  });
});
afterEach(() => server.stop(true));

/** The middleware, its clock and what it has warned of. */
function made(options: object = {}) {
  const warnings: string[] = [];
  const deps = {
    ...depsOf(),
    warn: (reason: string) => warnings.push(reason.replaceAll(server.url.origin, "")),
  };
  const url = `${server.url.origin}/keys`;
  const jwt = createJwt(rulesOf("jwt", { algorithms: ["RS256"], jwksUrl: url, ...options }), deps);
  const status = async (token: string) => {
    const { answer: given } = await pass(jwt, rawGet("/", { authorization: `Bearer ${token}` }));
    return given.status;
  };
  return { status, clock: deps.clock, warnings };
}

describe("keys", () => {
  test("are fetched when they are first needed, once for all who wait for them", async () => {
    const { status } = made();
    expect(fetches).toBe(0);
    const token = await old.sign();
    expect(await Promise.all(Array.from({ length: 20 }, () => status(token)))).toEqual(
      new Array(20).fill(200),
    );
    expect(fetches).toBe(1);
    expect(await status(token)).toBe(200);
    expect(fetches).toBe(1);
  });

  test("that are new are found when a token names one", async () => {
    const { status, clock } = made();
    expect(await status(await old.sign())).toBe(200);
    answer = () => publishing(old, fresh);
    clock.advance(30_000);
    expect(await status(await fresh.sign())).toBe(200);
    expect(await status(await old.sign())).toBe(200);
    expect(fetches).toBe(2);
  });

  test("that do not exist are not fetched for as often as they are named", async () => {
    const { status, clock } = made();
    expect(await status(await old.sign())).toBe(200);
    const made_up = await Promise.all(
      Array.from({ length: 50 }, async (_, index) =>
        status(await old.sign(goodClaims(), { kid: `${index}` })),
      ),
    );
    expect(new Set(made_up)).toEqual(new Set([401]));
    expect(fetches).toBe(1);
    clock.advance(30_000);
    expect(await status(await old.sign(goodClaims(), { kid: "again" }))).toBe(401);
    expect(fetches).toBe(2);
  });

  test("are fetched anew beside the requests, and those that are gone count no more", async () => {
    const { status, clock } = made();
    expect(await status(await old.sign())).toBe(200);
    clock.advance(600_000);
    const published = Promise.withResolvers<Response>();
    answer = () => published.promise;
    // Answered while the fetch is under way.
    expect(await status(await old.sign())).toBe(200);
    published.resolve(publishing(fresh));
    await until("the old key is gone", async () => (await status(await old.sign())) === 401);
    expect(await status(await fresh.sign())).toBe(200);
    expect(fetches).toBe(2);
  });
});

describe("an issuer that fails", () => {
  const failures: Record<string, () => Response> = {
    "with a status": () => new Response("no", { status: 500 }),
    "by leading elsewhere": () => Response.redirect("http://127.0.0.1:1/"),
    "with no JSON": () => new Response("<html>"),
    "with no keys": () => Response.json({ keys: "none" }),
    "with too much": () => new Response(" ".repeat(600_000)),
    "by breaking off": () => new Response('{"keys": ['),
  };

  test.each(Object.keys(failures))("%s, is no token's fault", async (name) => {
    answer = failures[name] as () => Response;
    const { status, warnings, clock } = made();
    const token = await old.sign();
    expect(await status(token)).toBe(503);
    expect(await status(token)).toBe(503);
    expect(fetches).toBe(1);
    expect(warnings.length).toBe(1);
    expect(warnings[0]).toStartWith("jwt: no keys from /keys: ");
    answer = () => publishing(old);
    clock.advance(30_000);
    expect(await status(token)).toBe(200);
    expect(warnings.slice(1)).toEqual(["jwt: keys came from /keys again"]);
  });

  test("takes away no key that was good when the config is read again meanwhile", async () => {
    const config = (more: object = {}): LoadBalancerConfig => ({
      backends: ["http://a:1"],
      healthCheck: false,
      middleware: [{ jwt: { algorithms: ["RS256"], jwksUrl: `${server.url.origin}/keys`, ...more } }],
    });
    const warnings: string[] = [];
    const lb = createLoadBalancer(config(), {
      transport: new ScriptedTransport(() => new Response("ok")),
      onWarning: (reason) => warnings.push(reason),
    });
    const headers = { authorization: `Bearer ${await old.sign()}` };
    const status = async () => (await lb.fetch(new Request("http://lb/", { headers }))).status;
    expect(await status()).toBe(200);
    answer = () => new Response("no", { status: 500 });
    lb.reconfigure(config({ realm: "another" }));
    expect(await status()).toBe(200);
    expect([fetches, warnings]).toEqual([1, []]);
    lb.reconfigure(config({ jwksTimeoutMs: 1_000 }));
    expect(await status()).toBe(503);
  });

  test("by saying nothing, is waited for so long and no longer", async () => {
    answer = () => new Promise(() => {});
    const { status, clock, warnings } = made({ jwksTimeoutMs: 2_000 });
    const asked = status(await old.sign());
    await until("the keys are asked for", () => fetches === 1);
    clock.advance(2_000);
    expect(await asked).toBe(503);
    expect(warnings).toEqual(["jwt: no keys from /keys: no answer within 2000 ms"]);
    expect(clock.pending).toBe(0);
  });

  test("takes away no key that was good, for as long as it may be kept", async () => {
    const { status, clock, warnings } = made({ jwksKeepMs: 3_600_000 });
    expect(await status(await old.sign())).toBe(200);
    answer = () => new Response("no", { status: 500 });
    clock.advance(600_000);
    expect(await status(await old.sign())).toBe(200);
    await until("the fetch has failed", () => warnings.length === 1);
    expect(await status(await old.sign())).toBe(200);
    // It may be a new one, which nobody can tell.
    expect(await status(await fresh.sign())).toBe(503);
    clock.advance(3_000_000);
    expect(await status(await old.sign())).toBe(503);
    answer = () => publishing(old);
    clock.advance(30_000);
    expect(await status(await old.sign())).toBe(200);
  });

  test("with a key that cannot be used, keeps nobody from the others", async () => {
    const broken = { kty: "RSA", kid: "broken", alg: "RS256", n: "!", e: "AQAB" };
    answer = () => Response.json({ keys: [broken, old.jwk] });
    const { status, warnings } = made();
    for (let count = 0; count < 3; count++) {
      expect(await status(await old.sign(goodClaims(), { kid: "broken" }))).toBe(503);
    }
    expect(warnings.length).toBe(1);
    expect(await status(await old.sign())).toBe(200);
  });
});
