import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createAddPrefix } from "../../src/middleware/add-prefix.ts";
import { hasDotSegment, prefixEnd, urlParts } from "../../src/middleware/path.ts";
import { createRewrite, LONGEST_REWRITTEN } from "../../src/middleware/rewrite.ts";
import { createStripPrefix } from "../../src/middleware/strip-prefix.ts";
import { pass, rawGet, targetSeen } from "./passing.ts";

const SEGMENT = fc
  .stringMatching(/^(?:[\w~!$&'()*+,;=:@-]|%[0-9A-F][0-9A-F])+$/)
  .filter((segment) => !hasDotSegment(`/${segment}`));
const PATH = fc.array(SEGMENT, { maxLength: 4 }).map((segments) => `/${segments.join("/")}`);
const QUERY = fc.stringMatching(/^(?:\?[\w%=&?/;:@.~+[\]{}|^"<>`-]*)?$/);

describe("a URL's parts", () => {
  test.each([
    ["http://h/a?b=/c#d", "http://h", "/a", "?b=/c"],
    ["http://h", "http://h", "/", ""],
    ["http://h?a=/b", "http://h", "/", "?a=/b"],
    ["/a?b", "", "/a", "?b"],
    ["http://h/a#x?y", "http://h", "/a", ""],
    ["http://h//a//?", "http://h", "//a//", "?"],
    ["http://h/a/../b/./c", "http://h", "/b/c", ""],
    ["http://h/a/%2E%2e/b", "http://h", "/b", ""],
    ["http://h/a\\..\\b", "http://h", "/b", ""],
    ["http://h/..", "http://h", "/", ""],
    ["http://h/a%2f..%2fb", "http://h", "/a%2f..%2fb", ""],
    ["http://h/...", "http://h", "/...", ""],
  ])("%s", (url, origin, path, query) => {
    expect(urlParts(url)).toEqual({ origin, path, query });
  });

  test("make it up again where there are no dot segments", () => {
    fc.assert(
      fc.property(PATH, QUERY, (path, query) => {
        expect(urlParts(`http://lb.test:1${path}${query}`)).toEqual({
          origin: "http://lb.test:1",
          path,
          query,
        });
      }),
    );
  });
});

describe("stripPrefix", () => {
  const strip = createStripPrefix({ prefix: "/api", forwardedPrefix: false });
  test.each([
    ["/api/users", "/users"],
    ["/api", "/"],
    ["/api/", "/"],
    ["/api?x=1", "/?x=1"],
    ["/api/?", "/?"],
    ["/apix", "/apix"],
    ["/apix/api/y", "/apix/api/y"],
    ["/API/x", "/API/x"],
    ["/x/api/y", "/x/api/y"],
    ["/", "/"],
    ["/api//x", "//x"],
    ["/api/a%2Fb/%20?q=%2f&q=%2F", "/a%2Fb/%20?q=%2f&q=%2F"],
    ["/api%2Fx", "/api%2Fx"],
    ["/%61pi/x", "/x"],
    ["/%61%70%69", "/"],
    ["/%2561pi/x", "/%2561pi/x"],
    ["/%", "/%"],
    ["/x/../api/y", "/y"],
    ["/api/../secret", "/api/../secret"],
    ["/api/%2e%2e/secret", "/api/%2e%2e/secret"],
    ["/api/a/../secret", "/secret"],
  ])("%s is asked for as %s", async (target, expected) => {
    expect(targetSeen(await pass(strip, rawGet(target)))).toBe(expected);
  });

  test("knows its own escapes in either case", async () => {
    const caf = createStripPrefix({ prefix: "/caf%C3%A9", forwardedPrefix: false });
    expect(targetSeen(await pass(caf, rawGet("/caf%c3%a9/x")))).toBe("/x");
    expect(targetSeen(await pass(caf, rawGet("/caf%c3%a8/x")))).toBe("/caf%c3%a8/x");
  });

  test("takes off what addPrefix has put before, query and all", () => {
    const prefix = fc.array(SEGMENT, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join("/")}`);
    return fc.assert(
      fc.asyncProperty(prefix, PATH, QUERY, async (text, path, query) => {
        const added = await pass(createAddPrefix({ prefix: text }), rawGet(path + query));
        expect(targetSeen(added)).toBe(text + path + query);
        const stripped = createStripPrefix({ prefix: text, forwardedPrefix: false });
        const back = await pass(stripped, added.seen as Request);
        expect(targetSeen(back)).toBe(path + query);
      }),
    );
  });

  test("takes off whole segments only", () => {
    fc.assert(
      fc.property(PATH, SEGMENT, (path, more) => {
        fc.pre(path !== "/" && !path.endsWith("/"));
        expect(prefixEnd(`${path}/${more}`, path)).toBe(path.length);
        expect(prefixEnd(`${path}x${more}`, path)).toBe(-1);
      }),
    );
  });

  test("tells the backend where asked to, in place of what the client says", async () => {
    const telling = createStripPrefix({ prefix: "/api", forwardedPrefix: true });
    const { seen } = await pass(telling, rawGet("/api/x", { "x-forwarded-prefix": "/evil" }));
    expect(seen?.headers.get("x-forwarded-prefix")).toBe("/api");
  });
});

describe("addPrefix", () => {
  test.each([
    ["/", "/v2/"],
    ["/a%2Fb?c=%20", "/v2/a%2Fb?c=%20"],
    ["//a", "/v2//a"],
    ["/../../etc", "/v2/etc"],
    ["/a/..%2f", "/v2/a/..%2f"],
  ])("%s is asked for as %s", async (target, expected) => {
    expect(targetSeen(await pass(createAddPrefix({ prefix: "/v2" }), rawGet(target)))).toBe(expected);
  });
});

describe("rewrite", () => {
  test.each([
    [/^\/users\/(\d+)$/, "/u/$1", "/users/42?a=%2F", "/u/42?a=%2F"],
    [/^\/users\/(\d+)$/, "/u/$1", "/users/x", "/users/x"],
    [/^\/users\/(\d+)$/, "/show?id=$1", "/users/42", "/show?id=42"],
    [/^\/users\/(\d+)$/, "/show?id=$1", "/users/42?a&b=", "/show?id=42&a&b="],
    [/^\/users\/(\d+)$/, "/show?id=$1", "/users/42?", "/show?id=42"],
    [/\/(?<year>\d{4})\//, "/$<year>-", "/a/2020/b", "/a/2020-b"],
    [/^\/old/, "new", "/old/a", "/new/a"],
    [/^.*$/, '/ü "<é€', "/x", '/%C3%BC%20"<%C3%A9%E2%82%AC'],
    [/%20/, "+", "/a%20b%20c", "/a+b%20c"],
  ])("%p to %s: %s is asked for as %s", async (pattern, to, target, expected) => {
    expect(targetSeen(await pass(createRewrite({ pattern, to }), rawGet(target)))).toBe(expected);
  });

  test.each(["/files../secret", "/files%2e%2e/secret", "/files..", "/files.%2E\\x"])(
    "refuses %s, which would lead elsewhere",
    async (target) => {
      const rewrite = createRewrite({ pattern: /^\/files(.*)$/, to: "/data/$1" });
      const { answer, seen } = await pass(rewrite, rawGet(target));
      expect([answer.status, seen]).toEqual([400, undefined]);
    },
  );

  test("tries no pattern on what is longer than paths are", async () => {
    const rewrite = createRewrite({ pattern: /^\/a/, to: "/b" });
    const longest = `/${"a".repeat(LONGEST_REWRITTEN - 1)}`;
    expect(targetSeen(await pass(rewrite, rawGet(longest)))).toBe(`/b${longest.slice(2)}`);
    const { answer, seen } = await pass(rewrite, rawGet(`${longest}a`));
    expect([answer.status, seen]).toEqual([414, undefined]);
  });
});
