import * as v from "valibot";
import { named, withDefault } from "../schema/keys.ts";
import { listOf, objectOf } from "../schema/shapes.ts";
import { oneOf, sizeBytes, text, wholeNumber } from "../schema/values.ts";

/** Texts of all kinds and what is like them: what nginx's `mime.types` and Caddy's `encode` compress, taken together. */
const COMPRESSIBLE = [
  "text/*",
  "+json",
  "+text",
  "+xml",
  "application/atom+xml",
  "application/graphql",
  "application/javascript",
  "application/json",
  "application/rtf",
  "application/vnd.ms-fontobject",
  "application/wasm",
  "application/x-javascript",
  "application/x-ndjson",
  "application/xml",
  "font/otf",
  "font/ttf",
  "image/bmp",
  "image/svg+xml",
  "image/x-icon",
];

/** Options of the middleware `compression`. */
export const compressionSchema = named(
  "CompressionConfig",
  "Which answers are compressed for clients that take it.",
  objectOf({
    codings: withDefault(
      "The codings, the best first: that decides between those that a client takes equally gladly. Node has zstd from 22.15 on; before, it goes without.",
      v.pipe(
        listOf(oneOf(["zstd", "br", "gzip"])),
        v.minLength(1, "found an empty list, expected zstd, br or gzip"),
      ),
      ["zstd", "br", "gzip"],
    ),
    types: withDefault(
      "The media types: `text/html`, `text/*` for all of a kind, `+json` for all that are written in JSON.",
      listOf(
        text(
          "a media type such as text/html, text/* or +json",
          /^(?:[a-z0-9.+-]+\/(?:\*|[a-z0-9.+_-]+)|\+[a-z0-9.-]+)$/,
        ),
      ),
      COMPRESSIBLE,
    ),
    minBytes: withDefault(
      "An answer that says that it is shorter stays as it is, in bytes. One that does not say how long it is is compressed.",
      sizeBytes(0, 1_073_741_824),
      1_024,
    ),
    gzipLevel: withDefault("How hard gzip tries: 1 is the quickest, 9 the smallest.", wholeNumber(1, 9), 6),
    brotliQuality: withDefault(
      "How hard Brotli tries: 0 is the quickest, 11 the smallest, and far slower.",
      wholeNumber(0, 11),
      4,
    ),
    zstdLevel: withDefault(
      "How hard Zstandard tries: 1 is the quickest, 19 the smallest.",
      wholeNumber(1, 19),
      3,
    ),
    maxStreams: withDefault(
      "How many answers are compressed at once; those beyond pass as they are. Each takes up to 3 MiB while it lasts, event streams too.",
      wholeNumber(1, 1_000_000),
      256,
    ),
  }),
);

/** What a user writes. */
export type CompressionConfig = v.InferInput<typeof compressionSchema>;
