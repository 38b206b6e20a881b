import * as v from "valibot";
import { named, withDefault } from "../schema/keys.ts";
import { objectOf } from "../schema/shapes.ts";
import { at, headerValue, text, wholeNumber } from "../schema/values.ts";
import { headerFields } from "./header-changes.ts";
import { FRAMING } from "./response-headers.ts";

/** They have no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
const BODILESS: readonly number[] = [204, 205, 304];

/** Options of the middleware `respond`. */
export const respondSchema = named(
  "RespondConfig",
  "What every request is answered with, without a backend.",
  v.pipe(
    objectOf({
      status: withDefault("The status.", wholeNumber(200, 599), 200),
      body: withDefault("The body.", text("a text"), ""),
      contentType: withDefault("The body's media type.", headerValue(), "text/plain; charset=utf-8"),
      headers: withDefault("More header fields, with their values.", headerFields(FRAMING), {}),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const { status, body } = dataset.value;
      if (body === "" || !BODILESS.includes(status)) return;
      const message = `found a body, expected none: an answer of ${status} has no body`;
      addIssue({ message, ...at(dataset.value, "body") });
    }),
    v.transform(({ status, body, contentType, headers }) => {
      const isTyped = body === "" || headers.some(([name]) => name === "content-type");
      const type: readonly [string, string] = ["content-type", contentType];
      return { status, body, headers: isTyped ? headers : [type, ...headers] };
    }),
  ),
);

/** What a user writes. */
export type RespondConfig = v.InferInput<typeof respondSchema>;
