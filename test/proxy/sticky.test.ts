/** Sessions of requests that are a `Request`. */
import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { refused, reset, type Script } from "../simulation/scripted-transport.ts";
import { ORIGINS, scriptedBalancer } from "./scripted-balancer.ts";

const SECRET = "a secret that is long enough";
const byCookie = { by: "cookie", secret: SECRET } as const;
const PLAIN = { address: "203.0.113.9", port: 1, tls: false, protocol: "1.1" } as const;

const ok: Script = () => new Response("ok");
const failing =
  (origins: Set<string>, error: () => Error): Script =>
  ({ backend }) => {
    if (origins.has(backend.origin)) throw error();
    return new Response("ok");
  };

/** The cookie's value for a backend. */
function tokenOf(origin: string): string {
  return createHmac("sha256", SECRET).update(origin).digest("base64url");
}

function withCookie(cookie: string, method = "GET"): Request {
  return new Request("http://lb/", { method, headers: { cookie } });
}

/** A client that keeps its cookie, as a browser does. */
class Browser {
  cookie = "";

  async ask(lb: { fetch(request: Request): Promise<Response> }, method = "GET"): Promise<Response> {
    const response = await lb.fetch(withCookie(this.cookie, method));
    for (const line of response.headers.getSetCookie()) this.cookie = line.split(";", 1)[0] as string;
    return response;
  }
}

describe("by cookie", () => {
  test("the first answer tells the client of its backend, and no other does", async () => {
    const { lb, transport } = scriptedBalancer(ok, { sticky: byCookie });
    const browser = new Browser();
    const first = await browser.ask(lb);
    expect(first.headers.getSetCookie()).toEqual([
      `lb=${tokenOf(ORIGINS[0])}; Path=/; HttpOnly; SameSite=Lax`,
    ]);
    for (let count = 0; count < 5; count++)
      expect((await browser.ask(lb)).headers.getSetCookie()).toEqual([]);
    expect(new Set(transport.origins)).toEqual(new Set([ORIGINS[0]]));
  });

  test("new clients go where the algorithm sends them", async () => {
    const { lb, transport } = scriptedBalancer(ok, { sticky: byCookie });
    for (let count = 0; count < 3; count++) await lb.fetch(new Request("http://lb/"));
    expect(transport.origins).toEqual([...ORIGINS]);
  });

  test("a client moves when its backend is out, is told so, and stays there", async () => {
    const out = new Set<string>();
    const { lb, clock, transport } = scriptedBalancer(failing(out, refused), { sticky: byCookie });
    const browser = new Browser();
    await browser.ask(lb);
    out.add(ORIGINS[0]);
    const moved = await browser.ask(lb);
    expect(moved.headers.getSetCookie()[0]).toStartWith(`lb=${tokenOf(ORIGINS[1])};`);
    out.clear();
    await clock.run(60_000);
    for (let count = 0; count < 3; count++) await browser.ask(lb);
    expect(transport.origins).toEqual([ORIGINS[0], ORIGINS[0], ...new Array(4).fill(ORIGINS[1])]);
  });

  test("a try that failed leaves the backend at once, though it counts as up", async () => {
    const out = new Set<string>();
    const { lb, transport } = scriptedBalancer(failing(out, reset), { sticky: byCookie });
    const browser = new Browser();
    await browser.ask(lb);
    out.add(ORIGINS[0]);
    expect((await browser.ask(lb)).status).toBe(200);
    await browser.ask(lb);
    expect(transport.origins).toEqual([ORIGINS[0], ORIGINS[0], ORIGINS[1], ORIGINS[1]]);
  });

  test("the balancer's own answers set none", async () => {
    const { lb } = scriptedBalancer(failing(new Set(ORIGINS), refused), { sticky: byCookie });
    for (const request of [new Request("http://lb/"), new Request("http://lb/lb-status")]) {
      expect((await lb.fetch(request)).headers.getSetCookie()).toEqual([]);
    }
  });

  test.each([
    [
      "of another secret",
      `lb=${createHmac("sha256", "another secret").update(ORIGINS[2]).digest("base64url")}`,
    ],
    ["that is an origin", `lb=${ORIGINS[2]}`],
    ["that is cut short", `lb=${tokenOf(ORIGINS[2]).slice(1)}`],
    ["of another name", `LB=${tokenOf(ORIGINS[2])}`],
    ["in quotes", `lb="${tokenOf(ORIGINS[2])}"`],
    ["that is empty", "lb="],
  ])("a value %s is as good as none, and is replaced", async (_what, cookie) => {
    const { lb, transport } = scriptedBalancer(ok, { sticky: byCookie });
    const response = await lb.fetch(withCookie(cookie));
    expect(transport.origins).toEqual([ORIGINS[0]]);
    expect(response.headers.getSetCookie()[0]).toStartWith(`lb=${tokenOf(ORIGINS[0])};`);
  });

  test("of several, the first that is ours counts", async () => {
    const { lb, transport } = scriptedBalancer(ok, { sticky: byCookie });
    const cookie = `lb=forged; a=b; lb=${tokenOf(ORIGINS[2])}; lb=${tokenOf(ORIGINS[1])}`;
    const response = await lb.fetch(withCookie(cookie));
    expect([transport.origins, response.headers.getSetCookie()]).toEqual([[ORIGINS[2]], []]);
  });

  test("the backend's own cookies stay as they are, one line each", async () => {
    const script: Script = () => {
      const headers = new Headers();
      headers.append("set-cookie", "a=1; Path=/");
      headers.append("set-cookie", "b=2; Expires=Thu, 01 Jan 2032 00:00:00 GMT");
      return new Response("ok", { headers });
    };
    const { lb } = scriptedBalancer(script, { sticky: byCookie });
    expect((await lb.fetch(new Request("http://lb/"))).headers.getSetCookie()).toEqual([
      "a=1; Path=/",
      "b=2; Expires=Thu, 01 Jan 2032 00:00:00 GMT",
      `lb=${tokenOf(ORIGINS[0])}; Path=/; HttpOnly; SameSite=Lax`,
    ]);
  });

  test("a backend that left the list has no sessions, one that came back has them again", async () => {
    const { lb, transport } = scriptedBalancer(ok, { sticky: byCookie });
    const cookie = `lb=${tokenOf(ORIGINS[2])}`;
    lb.setBackends(ORIGINS.slice(0, 2));
    await lb.fetch(withCookie(cookie));
    lb.setBackends(ORIGINS);
    await lb.fetch(withCookie(cookie));
    expect(transport.origins).toEqual([ORIGINS[0], ORIGINS[2]]);
  });

  test("who answers after it has left the list is not told of", async () => {
    const held = Promise.withResolvers<Response>();
    const { lb } = scriptedBalancer(() => held.promise, { sticky: byCookie });
    const answer = lb.fetch(new Request("http://lb/"));
    lb.setBackends(ORIGINS.slice(1));
    held.resolve(new Response("ok"));
    expect((await answer).headers.getSetCookie()).toEqual([]);
  });

  test("a backend that drains keeps its sessions for a while, and gets no new ones", async () => {
    const { lb, clock, transport } = scriptedBalancer(ok, { sticky: { ...byCookie, drainGraceMs: 60_000 } });
    const browser = new Browser();
    await browser.ask(lb);
    lb.setBackends([{ url: ORIGINS[0], drain: true }, ...ORIGINS.slice(1)]);
    await clock.run(59_000);
    for (let count = 0; count < 4; count++) await lb.fetch(new Request("http://lb/"));
    await browser.ask(lb);
    expect(transport.origins.filter((origin) => origin === ORIGINS[0])).toHaveLength(2);
    await clock.run(1_000);
    await browser.ask(lb);
    await browser.ask(lb);
    expect(transport.origins.filter((origin) => origin === ORIGINS[0])).toHaveLength(2);
    expect(transport.origins.at(-1)).toBe(transport.origins.at(-2));
  });

  test("one that drains keeps them also if all do", async () => {
    const { lb } = scriptedBalancer(ok, { sticky: byCookie });
    const browser = new Browser();
    await browser.ask(lb);
    lb.setBackends(ORIGINS.map((url) => ({ url, drain: true })));
    expect((await browser.ask(lb)).status).toBe(200);
    expect((await lb.fetch(new Request("http://lb/"))).status).toBe(503);
  });

  test("a session of a backend that is full moves where nobody waits", async () => {
    const held = Promise.withResolvers<Response>();
    const { lb, transport } = scriptedBalancer(
      ({ backend }) => (backend.origin === ORIGINS[0] ? held.promise : new Response("ok")),
      { sticky: byCookie, maxInFlight: 1, queue: false },
    );
    const first = lb.fetch(new Request("http://lb/"));
    const response = await lb.fetch(withCookie(`lb=${tokenOf(ORIGINS[0])}`));
    expect(transport.origins).toEqual([ORIGINS[0], ORIGINS[1]]);
    expect(response.headers.getSetCookie()[0]).toStartWith(`lb=${tokenOf(ORIGINS[1])};`);
    held.resolve(new Response("ok"));
    await first;
  });

  test("a backend of a later tier keeps the sessions it has got", async () => {
    const out = new Set<string>([ORIGINS[0]]);
    const { lb, clock, transport } = scriptedBalancer(failing(out, refused), {
      sticky: byCookie,
      backends: [ORIGINS[0], `${ORIGINS[1]};tier=1`],
    });
    const browser = new Browser();
    await browser.ask(lb);
    out.clear();
    await clock.run(60_000);
    await lb.fetch(new Request("http://lb/"));
    await browser.ask(lb);
    expect(transport.origins).toEqual([ORIGINS[0], ORIGINS[1], ORIGINS[0], ORIGINS[1]]);
  });

  test("without a secret no other balancer knows the values", async () => {
    const [one, other] = [0, 1].map(() => scriptedBalancer(ok, { sticky: { by: "cookie" } }));
    const browser = new Browser();
    await browser.ask((one as typeof other & object).lb);
    const { cookie } = browser;
    await browser.ask((other as typeof one & object).lb);
    expect(browser.cookie).not.toBe(cookie);
  });
});

describe("by header and by address", () => {
  const of = (user: string) => new Request("http://lb/", { headers: { "x-user": user } });

  test("a session stays where the algorithm sent it first, and no cookie is set", async () => {
    const { lb, transport } = scriptedBalancer(ok, { sticky: { by: "header:X-User" } });
    for (const user of ["ada", "bob", "eve", "ada", "bob", "eve", "eve"]) {
      expect((await lb.fetch(of(user))).headers.getSetCookie()).toEqual([]);
    }
    const [a, b, c] = ORIGINS;
    expect(transport.origins).toEqual([a, b, c, a, b, c, c]);
  });

  test("requests without the header have no session", async () => {
    const { lb, transport } = scriptedBalancer(ok, { sticky: { by: "header:X-User" } });
    for (let count = 0; count < 3; count++) await lb.fetch(new Request("http://lb/"));
    expect(transport.origins).toEqual([...ORIGINS]);
  });

  test("an address has one backend, behind a proxy that is believed the client's own", async () => {
    const { lb, transport } = scriptedBalancer(ok, {
      sticky: { by: "ip" },
      trustedProxies: ["203.0.113.9"],
    });
    for (const address of ["198.51.100.1", "198.51.100.2", "198.51.100.1"]) {
      await lb.fetch(new Request("http://lb/", { headers: { "x-forwarded-for": address } }), PLAIN);
    }
    expect(transport.origins).toEqual([ORIGINS[0], ORIGINS[1], ORIGINS[0]]);
  });

  test("a session moves when its backend is out, and stays there", async () => {
    const out = new Set<string>();
    const { lb, clock, transport } = scriptedBalancer(failing(out, refused), {
      sticky: { by: "header:X-User" },
    });
    await lb.fetch(of("ada"));
    out.add(ORIGINS[0]);
    await lb.fetch(of("ada"));
    out.clear();
    await clock.run(60_000);
    await lb.fetch(of("ada"));
    expect(transport.origins).toEqual([ORIGINS[0], ORIGINS[0], ORIGINS[1], ORIGINS[1]]);
  });

  test("a session that was quiet for too long begins anew", async () => {
    const { lb, clock, transport } = scriptedBalancer(ok, {
      sticky: { by: "header:X-User", idleTimeoutMs: 1_000 },
    });
    await lb.fetch(of("ada"));
    await clock.run(999);
    await lb.fetch(of("ada"));
    await clock.run(1_000);
    await lb.fetch(of("ada"));
    expect(transport.origins).toEqual([ORIGINS[0], ORIGINS[0], ORIGINS[1]]);
  });
});
