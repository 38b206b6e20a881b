import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { asciiTarget, comparablePath, comparableQuery } from "../../src/http1/uri-path.ts";

describe("a path for comparison", () => {
  test.each([
    ["/", "/"],
    ["/a/b.c/~d;e=1,2:@", "/a/b.c/~d;e=1,2:@"],
    ["*", "*"],
    ["", ""],
    // RFC 3986 §5.2.4
    ["/a/b/c/./../../g", "/a/g"],
    ["/a/.", "/a/"],
    ["/a/..", "/"],
    ["/..", "/"],
    ["/../../a", "/a"],
    ["/a//../b", "/a/b"],
    ["//..", "/"],
    ["/.a/..b/...", "/.a/..b/..."],
    // §6.2.2.1 and §6.2.2.2
    ["/%61%2d%5f%7e%30", "/a-_~0"],
    ["/a%2fb%2F%c3%a9", "/a%2Fb%2F%C3%A9"],
    ["/a//b/", "/a//b/"],
    // What a URL parser takes for dots and slashes
    ["/a/%2e%2E/b", "/b"],
    ["/a/.%2e/%2e/b", "/b"],
    ["/a\\..\\b", "/b"],
    ["/a/..%2fb", "/a/..%2Fb"],
    // One escape in another stays one in another
    ["/%252e%252e/a", "/%252e%252e/a"],
    ["/%%32e", "/%252e"],
    ["/%", "/%25"],
    ["/%2", "/%252"],
    ["/%zz", "/%25zz"],
    // What no URI has
    ['/{a}|^`"<>[ \x7f\xe9', "/%7Ba%7D%7C%5E%60%22%3C%3E%5B%20%7F%E9"],
  ])("of %p is %p", (path, expected) => {
    expect(comparablePath(path)).toBe(expected);
  });

  const piece = fc.constantFrom(
    "/",
    "/",
    ".",
    "..",
    "%2e",
    "%2F",
    "%",
    "2e",
    "%5c",
    "\\",
    "a",
    "{",
    "\xe9",
    "%7e",
  );
  const path = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join("")}`);

  test("read again stays as it is", () => {
    fc.assert(
      fc.property(path, (path) => {
        const once = comparablePath(path);
        expect(comparablePath(once)).toBe(once);
      }),
    );
  });

  test("is the same before and after a URL parser has read it", () => {
    fc.assert(
      fc.property(path, (path) => {
        const { pathname } = new URL(`http://a${asciiTarget(path)}`);
        expect(comparablePath(pathname)).toBe(comparablePath(path));
      }),
    );
  });

  test("has no segments of dots, and nothing that no URI has", () => {
    fc.assert(
      fc.property(path, (path) => {
        expect(comparablePath(path)).toMatch(/^(\/(?!\.\.?(\/|$))([\w\-.~!$&'()*+,;=:@]|%[0-9A-F]{2})*)+$/);
      }),
    );
  });
});

test.each([
  ["a=b&c", "a=b&c"],
  ["a=%zz%2f&{|}^`[]?/\\", "a=%zz%2f&{|}^`[]?/\\"],
  ["a='\"<>\x7f\xe9", "a=%27%22%3C%3E%7F%E9"],
])("the query %p is compared as %p", (query, expected) => {
  expect(comparableQuery(query)).toBe(expected);
  expect(new URL(`http://a/?${asciiTarget(query)}`).search).toBe(`?${expected}`);
});
