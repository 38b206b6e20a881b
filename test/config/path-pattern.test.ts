import { expect, test } from "bun:test";
import { matchesPath, type PathPattern, readPathPattern } from "../../src/config/path-pattern.ts";

test.each<[string, string[], string[]]>([
  ["/", ["/"], ["//", "/a", "*", ""]],
  ["/a", ["/a"], ["/a/", "/", "/ab", "/a/b", "/A"]],
  ["/a/", ["/a/"], ["/a", "/a//"]],
  ["/*", ["/", "/a", "//", "/a/b/", "*", ""], []],
  ["/a/*", ["/a", "/a/", "/a/b", "/a//b"], ["/", "/ab", "/b/a", "*"]],
  [
    "/users/:id/posts",
    ["/users/1/posts", "/users/%2F/posts"],
    ["/users//posts", "/users/1", "/users/1/posts/"],
  ],
  ["/:x/*", ["/a", "/a/", "/a/b/c"], ["/", "//a"]],
  ["/caf\xe9/%c3%a9/%61", ["/caf%C3%A9/%C3%A9/a"], ["/caf\xe9/\xe9/a"]],
  ["/a//b", ["/a//b"], ["/a/b"]],
  ["/x/../a b", ["/a%20b"], []],
])("%s matches %j and not %j", (text, those, others) => {
  const pattern = readPathPattern(text) as PathPattern;
  expect(those.filter((path) => !matchesPath(pattern, path))).toEqual([]);
  expect(others.filter((path) => matchesPath(pattern, path))).toEqual([]);
});

test.each([
  ["v1", "a path that begins with /, such as /v1/*"],
  ["", "a path that begins with /, such as /v1/*"],
  ["/a/*/b", "a * only behind the last /, as in /v1/*"],
  ["/a*", "a * only behind the last /, as in /v1/*"],
  ["/a/**", "a * only behind the last /, as in /v1/*"],
  ["/users/:", "a name of letters, digits and _ behind the colon, as in /users/:id"],
  ["/:a-b", "a name of letters, digits and _ behind the colon, as in /users/:id"],
  ["/:__proto__", "a name of letters, digits and _ behind the colon, as in /users/:id"],
  ["/:a/:a", "a name for each parameter, but :a is there twice"],
  ["/a?b=c", "a path without ? and #; what the query must be is said in match.query"],
])("%p is none, but should be %p", (text, expected) => {
  expect(readPathPattern(text)).toBe(expected);
});
