import { compressionSchema } from "./compression.ts";
import { corsSchema } from "./cors.ts";

/** The options of the middlewares that a config can name, each in a file of its own. */
export const MIDDLEWARE_SCHEMAS = {
  compression: compressionSchema,
  cors: corsSchema,
};
