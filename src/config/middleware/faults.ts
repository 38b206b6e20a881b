import * as v from "valibot";
import { named, optional, required, withDefault } from "../schema/keys.ts";
import { objectOf } from "../schema/shapes.ts";
import { decimal, milliseconds, wholeNumber } from "../schema/values.ts";

/** Some requests wait. */
export const delaySchema = named(
  "DelayConfig",
  "Some requests wait.",
  objectOf({
    delayMs: required("How long, in milliseconds.", milliseconds(1)),
    percent: withDefault("How many of a hundred.", decimal(0, 100), 100),
  }),
);

/** Some requests fail. */
export const abortSchema = named(
  "AbortConfig",
  "Some requests fail.",
  objectOf({
    status: withDefault("What they are answered with.", wholeNumber(400, 599), 503),
    percent: withDefault(
      "How many of a hundred, of those that wait and of those that do not.",
      decimal(0, 100),
      100,
    ),
  }),
);

/** Options of the middleware `faults`. */
export const faultsSchema = named(
  "FaultsConfig",
  "What goes wrong on purpose, by chance, to see what those who ask make of it.",
  v.pipe(
    objectOf({
      delay: optional("Lets requests wait.", delaySchema, "none waits"),
      abort: optional("Lets requests fail.", abortSchema, "none fails"),
    }),
    v.check((faults) => Object.keys(faults).length > 0, "found neither, expected delay or abort"),
  ),
);

/** What a user writes. */
export type FaultsConfig = v.InferInput<typeof faultsSchema>;
