import { expect, test } from "bun:test";
import { type MiddlewareConfig, middlewareSchema } from "../../../src/config/middleware/entry.ts";
import { check } from "../../../src/config/schema/check.ts";
import { listOf } from "../../../src/config/schema/shapes.ts";
import { createMiddleware } from "../../../src/middleware/index.ts";
import { depsOf, pass, rawGet, targetSeen } from "../../middleware/passing.ts";
import { messageOf } from "../message-of.ts";

const list = listOf(middlewareSchema);
const own: MiddlewareConfig = (request, next) => next(request);

test("an entry is a function, or names a middleware and gives its options", () => {
  const entries: readonly MiddlewareConfig[] = [
    own,
    { stripPrefix: "/v1" },
    { requestId: { inResponse: false } },
  ];
  expect(check(list, entries, "middleware")).toEqual([
    own,
    { name: "stripPrefix", rules: { prefix: "/v1", forwardedPrefix: false } },
    { name: "requestId", rules: { header: "x-request-id", keepTrusted: true, inResponse: false } },
  ]);
});

test("what a checked entry says is what its middleware does", async () => {
  const [first, second] = check(list, [own, { stripPrefix: "/v1" }], "middleware");
  if (first === undefined || second === undefined) throw new Error("two were given");
  expect(createMiddleware(first, depsOf())).toBe(own);
  const passed = await pass(createMiddleware(second, depsOf()), rawGet("/v1/a"));
  expect(targetSeen(passed)).toBe("/a");
});

test("a key without a value was not given", () => {
  expect(check(middlewareSchema, { cors: undefined, addPrefix: "/a" })).toEqual({
    name: "addPrefix",
    rules: { prefix: "/a" },
  });
});

const ENTRY = "expected a function, or an object with one key: the name of a middleware";

const REFUSED: [string, unknown, string][] = [
  ["a name alone", "cors", `middleware: found "cors", ${ENTRY}`],
  ["nothing", null, `middleware: found null, ${ENTRY}`],
  ["a list", [], `middleware[0]: found [], ${ENTRY}`],
  [
    "an object without a key",
    {},
    "middleware[0]: found an object without a key, expected one key: each middleware is an entry of its own",
  ],
  [
    "two in one",
    { requestId: {}, stripPrefix: "/a" },
    "middleware[0]: found requestId and stripPrefix in one object, expected one key: each middleware is an entry of its own",
  ],
  [
    "a slip",
    { stripprefx: "/a" },
    'middleware[0]: found the unknown middleware "stripprefx"; did you mean stripPrefix?',
  ],
  [
    "what objects have of themselves",
    JSON.parse('{"constructor":{}}'),
    /^middleware\[0\]: found the unknown middleware "constructor", expected addPrefix, /.source,
  ],
  ["a wrong option", { cors: {} }, "middleware[0].cors.origins: found nothing, expected a list"],
  ["no options", { limits: null }, "middleware[0].limits: found null, expected an object"],
];

test.each(REFUSED)("refuses %s", (_, entry, message) => {
  const said = messageOf(() => check(list, [entry], "middleware"));
  if (message.startsWith("^")) expect(said).toMatch(new RegExp(message));
  else expect(said).toBe(message);
});

test("tells of all entries that are wrong at once, and where", () => {
  const entries = [{ addPrefix: "a" }, own, { limits: {} }];
  expect(messageOf(() => check(list, entries, "middleware")).split("\n")).toHaveLength(2);
});
