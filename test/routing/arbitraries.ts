import fc from "fast-check";
import type { RequestText, RouteText } from "./routes.ts";

const segment = fc.constantFrom("a", "b", "", "%2F", "c.d");
const anyHost = ["x", "a.x", "b.a.x", "c.b.a.x", "y"];
/** Routes that have much in common, so that several are often for one request. */
export const routeText: fc.Arbitrary<RouteText> = fc
  .record({
    priority: fc.constantFrom(0, 0, 0, 1, -1),
    host: fc.option(fc.constantFrom(...anyHost, "*.x", "*.a.x", "*.b.a.x"), { nil: undefined }),
    segments: fc.option(fc.array(fc.oneof(segment, fc.constant(":")), { maxLength: 3 }), { nil: undefined }),
    isOpen: fc.boolean(),
    methods: fc.constantFrom([], [], ["GET"], ["POST", "GET"], ["OPTIONS"], ["PUT"]),
    headers: fc.constantFrom({}, {}, { a: "1" }, { a: true as const, b: /^2/g }),
    query: fc.constantFrom({}, {}, { q: "1" }, { q: true as const, r: "a b" }),
    cookies: fc.constantFrom({}, {}, { s: "1" }, { s: true as const }),
    clients: fc.constantFrom([], [], ["10.0.0.1"]),
  })
  .map(({ segments, isOpen, ...rest }) => {
    const named = segments?.map((one, index) => (one === ":" ? `:p${index}` : one));
    const path = named === undefined ? undefined : `/${[...named, ...(isOpen ? ["*"] : [])].join("/")}`;
    return { ...rest, path };
  });
/** Requests for them. */
export const requestText: fc.Arbitrary<RequestText> = fc
  .record({
    method: fc.constantFrom("GET", "POST", "OPTIONS", "PUT", "get"),
    host: fc.constantFrom(...anyHost, "", ".x", "d.c.b.a.x", "ax"),
    segments: fc.array(segment, { minLength: 1, maxLength: 4 }),
    query: fc.constantFrom("", "q=1", "q=2&q=1", "r=a+b&q", "r=a%20b&%71=1"),
    clientAddress: fc.constantFrom("10.0.0.1", "10.0.0.2", ""),
    headers: fc.record(
      {
        a: fc.constantFrom("1", "2"),
        b: fc.constantFrom("2x", "x2"),
        cookie: fc.constantFrom("s=1", "s=2", "t=1; s=1", "t=1"),
        origin: fc.constant("http://o"),
        "access-control-request-method": fc.constantFrom("PUT", "GET"),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ segments, ...rest }) => ({ ...rest, path: `/${segments.join("/")}` }));
