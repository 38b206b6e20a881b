import { describe, expect, test } from "bun:test";
import type { StickyConfig } from "../../src/config/types/sticky.ts";
import type { ClientInfo } from "../../src/proxy/client.ts";
import { scriptedBalancer } from "./scripted-balancer.ts";

const PLAIN = { address: "203.0.113.9", port: 1, tls: false, protocol: "1.1" } as const;

/** The cookie that is set, without its value. */
async function attributesFor(
  sticky: Partial<StickyConfig>,
  client?: ClientInfo,
  headers: Record<string, string> = {},
  url = "http://lb/",
): Promise<string | undefined> {
  const config = { sticky: { by: "cookie", ...sticky } as const, trustedProxies: ["10.0.0.0/8"] };
  const { lb } = scriptedBalancer(() => new Response("ok"), config);
  const response = await lb.fetch(new Request(url, { headers }), client);
  return response.headers.getSetCookie()[0]?.replace(/=[^;]*; /, "; ");
}

describe("the cookie's attributes", () => {
  test.each<[Partial<StickyConfig>, string]>([
    [{}, "lb; Path=/; HttpOnly; SameSite=Lax"],
    [{ name: "route", path: "/app" }, "route; Path=/app; HttpOnly; SameSite=Lax"],
    [{ domain: "example.com" }, "lb; Path=/; Domain=example.com; HttpOnly; SameSite=Lax"],
    [{ maxAgeSeconds: 60 }, "lb; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"],
    [{ httpOnly: false, sameSite: "strict" }, "lb; Path=/; SameSite=Strict"],
    [{ sameSite: "none" }, "lb; Path=/; HttpOnly; SameSite=None; Secure"],
    [{ secure: true }, "lb; Path=/; HttpOnly; SameSite=Lax; Secure"],
  ])("of %j are %p", async (sticky, attributes) => {
    expect(await attributesFor(sticky, PLAIN)).toBe(attributes);
  });

  const isSecure = async (...args: Parameters<typeof attributesFor>) =>
    (await attributesFor(...args))?.endsWith("; Secure");
  const https = { "x-forwarded-proto": "https" };
  const proxy = { ...PLAIN, address: "10.0.0.7" };

  test("say that it is for TLS alone where the client speaks it", async () => {
    expect(await isSecure({}, { ...PLAIN, tls: true })).toBe(true);
    expect(await isSecure({ secure: false }, { ...PLAIN, tls: true })).toBe(false);
    expect(await isSecure({}, PLAIN)).toBe(false);
  });

  test("go by what a proxy says that is believed, and by no other's word", async () => {
    expect(await isSecure({}, proxy, https)).toBe(true);
    expect(await isSecure({}, proxy, { "x-forwarded-proto": "HTTPS, http" })).toBe(true);
    expect(await isSecure({}, { ...proxy, tls: true }, { "x-forwarded-proto": "http" })).toBe(false);
    expect(await isSecure({}, PLAIN, https)).toBe(false);
  });

  test("go by the URL where nobody knows the client", async () => {
    expect(await isSecure({}, undefined, {}, "https://lb/")).toBe(true);
    expect(await isSecure({}, undefined, https, "http://lb/")).toBe(false);
  });
});
