import * as v from "valibot";
import type { KeySource } from "../core/picking/picker.ts";
import { POOL_NAME, POOL_NAME_WORDS } from "./pool-name.ts";
import { named, optional, required } from "./schema/keys.ts";
import { objectOf, recordOf } from "./schema/shapes.ts";
import { at, expecting, typed, wholeNumber } from "./schema/values.ts";

/** What keeps a request's likes at one part of a split: the client's address, or the value of a header or a cookie. */
export type SplitKey = Exclude<KeySource, "uri">;

const SPLIT_KEY = /^(?:ip|(?:header|cookie):[!#$%&'*+\-.^_`|~0-9A-Za-z]+)$/;

const KEY = expecting("ip, header:NAME or cookie:NAME");

const split = objectOf({
  pools: required(
    "Each pool's weight, relative to the others': a whole number. One with 0 gets nothing.",
    // As shares of one another these are exact, which turns have to be.
    recordOf(POOL_NAME, POOL_NAME_WORDS, wholeNumber(0, 10_000)),
  ),
  by: optional(
    "What requests have in common that go to the same pool: the client's address, `ip`, or the value of `header:NAME` or of `cookie:NAME`. When weights change, only those move that must. Requests without a value have their turn.",
    typed<SplitKey>(v.pipe(v.string(KEY), v.regex(SPLIT_KEY, KEY)), {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a type
      type: '"ip" | `header:${string}` | `cookie:${string}`',
    }),
    "each request has its turn",
  ),
});
type Split = v.InferOutput<typeof split>;

/** How requests are divided among pools. */
export const splitSchema = named(
  "SplitConfig",
  "How a route's requests are divided among several pools.",
  v.pipe(
    split,
    v.rawCheck<Split>(({ dataset, addIssue }) => {
      if (!dataset.typed || Object.values(dataset.value.pools).some((weight) => weight > 0)) return;
      const isEmpty = Object.keys(dataset.value.pools).length === 0;
      const message = `found no ${isEmpty ? "pool" : "weight above 0"}, expected at least one`;
      addIssue({ message, ...at(dataset.value, "pools") });
    }),
  ),
);
