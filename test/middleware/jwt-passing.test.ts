/** Where tokens are found, and what the backend gets of a request that has one. */
import { describe, expect, test } from "bun:test";
import { createJwt } from "../../src/middleware/jwt.ts";
import { changedRequest } from "../../src/proxy/changed-request.ts";
import { rulesOf } from "./behind.ts";
import { depsOf, pass, rawGet, targetSeen } from "./passing.ts";
import { goodClaims, signer } from "./tokens.ts";

const rsa = await signer("RS256", "rsa");
const stranger = await signer("RS256", "rsa");
const BASE = { algorithms: ["RS256"], jwks: { keys: [rsa.jwk] } };

const made = (options: object = {}) => createJwt(rulesOf("jwt", { ...BASE, ...options }), depsOf());

function bearing(token: string, fields: Record<string, string> = {}): Request {
  return rawGet("/a?b", { authorization: `Bearer ${token}`, ...fields });
}

describe("what the backend is told", () => {
  const claimHeaders = {
    "X-User": "sub",
    "x-tenant": "https://issuer.test/tenant",
    "x-roles": "realm.roles",
    "x-age": "age",
    "x-admin": "admin",
    "x-none": "nothing",
    "x-proto": "constructor",
  };

  test("claims, and nothing that a client says in their place", async () => {
    const claims = {
      ...goodClaims(),
      sub: "jürgen",
      "https://issuer.test/tenant": "t1",
      realm: { roles: ["a", "b,c"] },
      age: 42,
      admin: false,
    };
    const pretended = { "x-user": "root", x_user: "root", "x-none": "x", "x-proto": "x", "x-tenant": "t2" };
    const { seen } = await pass(made({ claimHeaders }), bearing(await rsa.sign(claims), pretended));
    const fields = Object.fromEntries(seen?.headers ?? []);
    expect(Buffer.from(fields["x-user"] ?? "", "latin1").toString()).toBe("jürgen");
    expect(fields).toMatchObject({
      "x-tenant": "t1",
      "x-roles": '["a","b,c"]',
      "x-age": "42",
      "x-admin": "false",
    });
    expect(["x_user", "x-none", "x-proto"].filter((name) => name in fields)).toEqual([]);
  });

  test("no claim that would be more than one field", async () => {
    const token = await rsa.sign({ ...goodClaims(), sub: "alice\r\nx-admin: true" });
    const { seen } = await pass(
      made({ claimHeaders: { "x-user": "sub" } }),
      bearing(token, { "x-user": "root" }),
    );
    expect(seen?.headers.has("x-user")).toBeFalse();
    expect(seen?.headers.has("x-admin")).toBeFalse();
  });

  test("the token, unless it is to be kept back", async () => {
    const token = await rsa.sign();
    expect((await pass(made(), bearing(token))).seen?.headers.get("authorization")).toBe(`Bearer ${token}`);
    const kept = await pass(made({ forwardCredentials: false }), bearing(token));
    expect(kept.seen?.headers.has("authorization")).toBeFalse();
  });

  test("nothing of who shows no token, where that is no matter", async () => {
    const options = { optional: true, claimHeaders };
    const { seen } = await pass(made(options), rawGet("/", { "x-user": "root", "x-other": "kept" }));
    expect(Object.fromEntries(seen?.headers ?? [])).toEqual({ "x-other": "kept" });
    const { answer } = await pass(made(options), bearing(await stranger.sign()));
    expect(answer.status).toBe(401);
  });
});

describe("where a token may be", () => {
  const places = { tokenCookie: "session", tokenParameter: "access_token" };

  test("only in Authorization by default", async () => {
    const token = await rsa.sign();
    expect((await pass(made(), rawGet(`/?access_token=${token}`))).answer.status).toBe(401);
    expect((await pass(made(), rawGet("/", { cookie: `session=${token}` }))).answer.status).toBe(401);
  });

  test("in a cookie", async () => {
    const token = await rsa.sign();
    const cookie = `a=b; session=${token}; sessions=c`;
    const { seen } = await pass(made(places), rawGet("/", { cookie }));
    expect(seen?.headers.get("cookie")).toBe(cookie);
    const kept = await pass(made({ ...places, forwardCredentials: false }), rawGet("/", { cookie }));
    expect(kept.seen?.headers.get("cookie")).toBe("a=b; sessions=c");
    const alone = await pass(
      made({ ...places, forwardCredentials: false }),
      rawGet("/", { cookie: `session=${token}` }),
    );
    expect(alone.seen?.headers.has("cookie")).toBeFalse();
  });

  test("in the query, and then the answer is private", async () => {
    const token = await rsa.sign();
    const target = `/a%2Fb?x=%20&&access%5Ftoken=${token}&y`;
    const answer = () => new Response("ok", { headers: { "cache-control": "max-age=60" } });
    const passed = await pass(made(places), rawGet(target), { answer });
    expect(targetSeen(passed)).toBe(target);
    expect(passed.answer.headers.get("cache-control")).toBe("max-age=60, private");
    const kept = await pass(made({ ...places, forwardCredentials: false }), rawGet(target));
    expect(targetSeen(kept)).toBe("/a%2Fb?x=%20&&y");
    expect(kept.answer.headers.get("cache-control")).toBe("private");
    const alone = await pass(
      made({ ...places, forwardCredentials: false }),
      rawGet(`/a?access_token=${token}`),
    );
    expect(targetSeen(alone)).toBe("/a");
  });

  test("the first place counts, so that a second one changes nothing", async () => {
    const asked = rawGet(`/?access_token=${await rsa.sign()}`, { authorization: "Bearer x" });
    expect((await pass(made(places), asked)).answer.status).toBe(401);
  });
});

test("a body passes along with the request", async () => {
  const asked = new Request("http://lb.test/", {
    method: "POST",
    body: "a body",
    headers: { authorization: `Bearer ${await rsa.sign()}` },
  });
  const options = { forwardCredentials: false, claimHeaders: { "x-user": "sub" } };
  const { answer } = await pass(made(options), changedRequest(asked, {}), {
    answer: async (request) => new Response(await request.text()),
  });
  expect(await answer.text()).toBe("a body");
});
