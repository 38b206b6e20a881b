import { ALGORITHMS, type Algorithm, KEYED_PREFIXES } from "../core/picking/index.ts";
import type { Picker, PickerFactory } from "../core/picking/picker.ts";
import { isToken } from "../http1/hop-by-hop.ts";
import { ConfigError, didYouMean, nearestSpelling } from "./problem.ts";

/** Every algorithm there is, as the user is told. */
export const ALGORITHM_LIST = `${ALGORITHMS.join(", ")}, header:NAME or cookie:NAME`;

/** What has to follow a prefix. */
const NAMES = {
  "header:": "the name of a header field, such as header:X-User",
  "cookie:": "the name of a cookie, such as cookie:sid",
} as const satisfies Record<(typeof KEYED_PREFIXES)[number], string>;

/**
 * Checks an algorithm: a name, or a function that makes a picker.
 *
 * @returns The same; in place of a function, one that throws a `ConfigError` if what it makes is no picker.
 * @throws ConfigError for anything else.
 */
export function parseAlgorithm(algorithm: Algorithm | PickerFactory): Algorithm | PickerFactory {
  if (typeof algorithm === "function") return (random) => checkedPicker(algorithm(random));
  if (ALGORITHMS.some((name) => name === algorithm)) return algorithm;
  const prefix = prefixOf(algorithm);
  if (prefix !== undefined && isToken(algorithm.slice(prefix.length))) return algorithm;
  const expected = prefix === undefined ? ALGORITHM_LIST : NAMES[prefix];
  const near = prefix === undefined ? nearAlgorithm(String(algorithm)) : "";
  throw new ConfigError(`algorithm: found ${JSON.stringify(algorithm)}, expected ${expected}${near}`);
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
