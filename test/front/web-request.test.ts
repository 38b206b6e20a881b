import { expect, test } from "bun:test";
import { RequestReader } from "../../src/front/request-reader.ts";
import { webRequest } from "../../src/front/web-request.ts";
import { latin1Bytes } from "../../src/http1/latin1.ts";
import { DEFAULT_LIMITS } from "../../src/http1/limits.ts";

test.each([
  ["/a?b", "/a?b"],
  // UTF-8, and bytes that are none.
  ["/caf\xc3\xa9?\xc3\xa9", "/caf%C3%A9?%C3%A9"],
  ["/\xe9\xff", "/%E9%FF"],
])("a target of the bytes %p is the URL's %p", (target, expected) => {
  const reader = new RequestReader(DEFAULT_LIMITS);
  const bytes = latin1Bytes(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
  expect(reader.readHead(bytes, 0)).toBe(bytes.length);
  const request = webRequest(reader, undefined, new AbortController().signal, false);
  expect((request as Request).url).toBe(`http://a${expected}`);
});
