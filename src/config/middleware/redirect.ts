import * as v from "valibot";
import { named, optional } from "../schema/keys.ts";
import { objectOf } from "../schema/shapes.ts";
import { at, oneOf, text, wholeNumber, yesOrNo } from "../schema/values.ts";

/** A path that is not `//host`, an absolute URL, or what the request's own path makes a path. */
const TARGET =
  /^(?:\/(?![/\\])|\{path\}|https?:\/\/(?=[^/?#\s]))[^\s\p{Cc}{}]*(?:\{[^{}\s]+\}[^\s\p{Cc}{}]*)*$/u;

/** Options of the middleware `redirect`. */
export const redirectSchema = named(
  "RedirectConfig",
  "Where clients are sent: elsewhere by `to`, or to the same over TLS by `https`.",
  v.pipe(
    objectOf({
      to: optional(
        "Where: a path, or a whole URL. `{host}`, `{path}` and `{query}` stand for the request's own, the query with its `?`, and `{NAME}` for a parameter of the route's path.",
        text("a path such as /new/ or a URL such as https://example.com{path}", TARGET),
        "`https` says it",
      ),
      https: optional(
        "Sends those who do not come over TLS to the same place over TLS; all others pass.",
        yesOrNo(),
        "`to` says where",
      ),
      port: optional("For `https`: the port that takes TLS connections.", wholeNumber(1, 65_535), "443"),
      status: optional(
        "The status: 301 and 308 are for good and browsers remember them, 302 and 307 for now, and 303 asks again with GET. 307 and 308 keep method and body.",
        oneOf([301, 302, 303, 307, 308]),
        "302 with `to`, and 308 with `https`",
      ),
      keepQuery: optional(
        "For `to`: whether the request's query is kept where `to` says nothing of one.",
        yesOrNo(),
        "true",
      ),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const { to, https = false, port, keepQuery } = dataset.value;
      if (https === (to !== undefined)) {
        addIssue({ message: `found ${https ? "both" : "neither"}, expected either to or https: true` });
      }
      if (port !== undefined && !https) {
        addIssue({ message: `found ${port} without https: true`, ...at(dataset.value, "port") });
      }
      if (keepQuery !== undefined && https) {
        const message = `found ${keepQuery} with https: true, which keeps it`;
        addIssue({ message, ...at(dataset.value, "keepQuery") });
      }
    }),
    v.transform(({ to, port = 443, status, keepQuery = true }) =>
      to === undefined
        ? { https: true as const, port, status: status ?? 308 }
        : { https: false as const, to, status: status ?? 302, keepQuery },
    ),
  ),
);

/** What a user writes. */
export type RedirectConfig = v.InferInput<typeof redirectSchema>;
