import { basicAuthSchema } from "./basic-auth.ts";
import { compressionSchema } from "./compression.ts";
import { corsSchema } from "./cors.ts";
import { jwtSchema } from "./jwt.ts";

/** The options of the middlewares that a config can name, each in a file of its own. */
export const MIDDLEWARE_SCHEMAS = {
  basicAuth: basicAuthSchema,
  compression: compressionSchema,
  cors: corsSchema,
  jwt: jwtSchema,
};
