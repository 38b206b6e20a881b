import * as v from "valibot";
import { expecting, text } from "../schema/values.ts";

const EXPECTED = "a path that begins with / and does not end in one, such as /api";

/** Visible ASCII but `?`, `#` and backslashes: what a path may have (RFC 3986 §3.3), and clients send instead. */
const SEGMENTS = /^(?:\/[\x21\x22\x24-\x2e\x30-\x3e\x40-\x5b\x5d-\x7e]+)+$/;

/** By any spelling: a path that is taken apart has none. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** The beginning of a path: whole segments, as clients ask for them. */
export function pathPrefix() {
  return v.pipe(
    text(EXPECTED, SEGMENTS),
    v.check((path) => !DOT_SEGMENT.test(path), expecting(`${EXPECTED}, without . and ..`)),
  );
}
