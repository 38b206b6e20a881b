import * as v from "valibot";
import type { Middleware } from "../../middleware/middleware.ts";
import { didYouMean } from "../problem.ts";
import { named } from "../schema/keys.ts";
import { failed, found, inside, issue, passed, runBy, type Schema } from "../schema/run.ts";
import { functionOf } from "../schema/values.ts";
import {
  MIDDLEWARE_SCHEMAS,
  type MiddlewareName,
  type MiddlewareOptions,
  type MiddlewareRules,
} from "./index.ts";

/** One entry of a `middleware` list: a function, or an object with one key, a middleware's name. */
export type MiddlewareConfig =
  | Middleware
  | { [Name in MiddlewareName]: { readonly [Key in Name]: MiddlewareOptions[Name] } }[MiddlewareName];

/** The same checked: the function, or the name and the rules of a middleware. */
export type ResolvedMiddleware = Middleware | NamedMiddleware;

/** One that the config names. */
export type NamedMiddleware = {
  [Name in MiddlewareName]: { readonly name: Name; readonly rules: MiddlewareRules[Name] };
}[MiddlewareName];

const NAMES = Object.keys(MIDDLEWARE_SCHEMAS) as MiddlewareName[];
const EXPECTED = "a function, or an object with one key: the name of a middleware";

const written = v.union([
  functionOf<Middleware>(
    { type: "Middleware", imports: { "middleware/middleware.ts": ["Middleware"] } },
    EXPECTED,
  ),
  ...NAMES.map((name) => v.strictObject({ [name]: MIDDLEWARE_SCHEMAS[name] as Schema })),
]);

/** One entry of a `middleware` list. What is wrong is told of the middleware that was meant. */
export const middlewareSchema = named(
  "MiddlewareConfig",
  "What requests and answers pass through: a function, or an object with one key, the name of a middleware, and its options.",
  runBy<v.GenericSchema<MiddlewareConfig, ResolvedMiddleware>>(written, ({ value }, config) => {
    if (typeof value === "function") return passed(value);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return failed(value, [issue("union", value, `${found(value)}, expected ${EXPECTED}`)]);
    }
    const given = Object.entries(value).filter(([, options]) => options !== undefined);
    const [first] = given;
    if (first === undefined || given.length > 1) {
      const keys = given.map(([key]) => key).join(" and ");
      const what = first === undefined ? "an object without a key" : `${keys} in one object`;
      return failed(value, [
        issue("union", value, `found ${what}, expected one key: each middleware is an entry of its own`),
      ]);
    }
    const [name, options] = first;
    if (!isName(name)) {
      const near = didYouMean(name, NAMES) || `, expected ${NAMES.join(", ")}`;
      const message = `found the unknown middleware ${JSON.stringify(name)}${near}`;
      return failed(value, [issue("union", value, message, name)]);
    }
    const schema: Schema = MIDDLEWARE_SCHEMAS[name];
    const result = schema["~run"]({ value: options }, config);
    if (result.issues) return failed(value, inside(result.issues, value, name, options));
    return passed({ name, rules: result.value });
  }),
);

function isName(name: string): name is MiddlewareName {
  return Object.hasOwn(MIDDLEWARE_SCHEMAS, name);
}
