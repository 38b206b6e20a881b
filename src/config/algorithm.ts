import * as v from "valibot";
import { ALGORITHMS, type Algorithm, KEYED_PREFIXES } from "../core/picking/index.ts";
import type { Picker, PickerFactory } from "../core/picking/picker.ts";
import { isToken } from "../http1/hop-by-hop.ts";
import { ConfigError, didYouMean, nearestSpelling } from "./problem.ts";
import { check } from "./schema/check.ts";
import { failed, found, issue, passed, runBy } from "./schema/run.ts";
import { functionOf, typed } from "./schema/values.ts";

/** Every algorithm there is, as the user is told. */
export const ALGORITHM_LIST = `${ALGORITHMS.join(", ")}, header:NAME or cookie:NAME`;

/** What has to follow a prefix. */
const NAMES = {
  "header:": "the name of a header field, such as header:X-User",
  "cookie:": "the name of a cookie, such as cookie:sid",
} as const satisfies Record<(typeof KEYED_PREFIXES)[number], string>;

const NAMED = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+$";

const kinds = v.union([
  v.picklist(ALGORITHMS),
  v.pipe(v.string(), v.regex(new RegExp(`^header:${NAMED}`))),
  v.pipe(v.string(), v.regex(new RegExp(`^cookie:${NAMED}`))),
  functionOf<PickerFactory>({ type: "PickerFactory" }, ALGORITHM_LIST),
]);

/** A name, or a function that makes a picker; then one comes out that throws a `ConfigError` if it makes none. */
export const algorithmSchema = runBy<v.GenericSchema<Algorithm | PickerFactory>>(
  typed(kinds, {
    type: "Algorithm | PickerFactory",
    imports: {
      "core/picking/index.ts": ["Algorithm"],
      "core/picking/picker.ts": ["PickerFactory"],
    },
  }),
  ({ value }) => {
    if (typeof value === "function") {
      const factory = value as PickerFactory;
      return passed(((random) => checkedPicker(factory(random))) satisfies PickerFactory);
    }
    if (ALGORITHMS.some((name) => name === value)) return passed(value);
    const prefix = prefixOf(value);
    if (prefix !== undefined && isToken(String(value).slice(prefix.length))) return passed(value);
    const expected = prefix === undefined ? ALGORITHM_LIST : NAMES[prefix];
    const near = prefix === undefined && typeof value === "string" ? nearAlgorithm(value) : "";
    return failed(value, [issue("union", value, `${found(value)}, expected ${expected}${near}`)]);
  },
);

/**
 * Checks an algorithm: a name, or a function that makes a picker.
 *
 * @returns The same; in place of a function, one that throws a `ConfigError` if what it makes is no picker.
 * @throws ConfigError for anything else.
 */
export function parseAlgorithm(algorithm: Algorithm | PickerFactory): Algorithm | PickerFactory {
  return check(algorithmSchema, algorithm, "algorithm");
}

function prefixOf(text: unknown): (typeof KEYED_PREFIXES)[number] | undefined {
  return KEYED_PREFIXES.find((prefix) => typeof text === "string" && text.startsWith(prefix));
}

function nearAlgorithm(text: string): string {
  const colon = text.indexOf(":");
  const word = colon < 0 ? text : text.slice(0, colon);
  const kind = nearestSpelling(word, ["header", "cookie"]);
  if (kind === undefined) return didYouMean(text, ALGORITHMS);
  return `; did you mean ${kind}:${(colon < 0 ? "" : text.slice(colon + 1)) || "NAME"}?`;
}

/** A picker may come from a program that nothing has checked. */
function checkedPicker(picker: Picker): Picker {
  const { pick, rebuild, keySource } = (picker ?? {}) as Partial<Picker>;
  if (typeof pick !== "function" || typeof rebuild !== "function") {
    throw new ConfigError("algorithm: the function made no picker, expected an object with rebuild and pick");
  }
  const prefix = prefixOf(keySource);
  const isName = prefix !== undefined && isToken(String(keySource).slice(prefix.length));
  if (keySource !== undefined && keySource !== "ip" && keySource !== "uri" && !isName) {
    throw new ConfigError(
      `algorithm: the picker's keySource is ${JSON.stringify(keySource)}, expected ip, uri, header:NAME or cookie:NAME`,
    );
  }
  return picker;
}
