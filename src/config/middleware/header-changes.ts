import * as v from "valibot";
import { withDefault } from "../schema/keys.ts";
import { either, listOf, objectOf, recordOf } from "../schema/shapes.ts";
import { at, headerName, headerValue, TOKEN } from "../schema/values.ts";

/** Names in lower case, and why they must not be changed: what stands behind `found "te", `. */
export type Untouchable = ReadonlyMap<string, string>;

/** The same reason for several names. */
export function untouchable(names: readonly string[], why: string): [string, string][] {
  return names.map((name) => [name, why]);
}

const A_NAME = "the name of a header, such as x-user";

/** One value of a field for each name. @returns A list of names in lower case, each with its value. */
export function headerFields(refused: Untouchable) {
  return v.pipe(
    recordOf(TOKEN, A_NAME, headerValue()),
    v.rawCheck(({ dataset, addIssue }) => {
      if (dataset.typed) for (const issue of refusals(refused, dataset.value)) addIssue(issue);
    }),
    v.transform((fields) => Object.entries(fields).map(lowerCase)),
  );
}

/** One or more values for each name. @returns As `headerFields`, a name once for each of its values. */
function headerLines(refused: Untouchable) {
  return v.pipe(
    recordOf(TOKEN, A_NAME, oneOrMore),
    v.rawCheck(({ dataset, addIssue }) => {
      if (dataset.typed) for (const issue of refusals(refused, dataset.value)) addIssue(issue);
    }),
    v.transform((fields) =>
      Object.entries(fields).flatMap(([name, values]) =>
        (typeof values === "string" ? [values] : values).map((line) => lowerCase([name, line])),
      ),
    ),
  );
}

const oneOrMore = either(
  [headerValue(), listOf(headerValue(), "a text in one line, or a list of such")],
  (given) => (typeof given === "string" ? 0 : 1),
);

/**
 * How fields are changed.
 *
 * @param whose Of what: `a request`.
 * @param unset Fields that must not be set or added.
 * @param unremoved Fields that must not be removed.
 */
export function headerChanges(whose: string, unset: Untouchable, unremoved: Untouchable) {
  return objectOf({
    remove: withDefault(
      `Fields that are taken away from ${whose} first, by their names.`,
      listOf(
        v.pipe(
          headerName(),
          v.check((name) => !unremoved.has(name), because(unremoved)),
        ),
      ),
      [],
    ),
    set: withDefault(
      "Fields with their values; each takes the place of all fields of its name.",
      headerFields(unset),
      {},
    ),
    add: withDefault(
      "Fields with their values, or lists of them; each becomes one more field of its name.",
      headerLines(unset),
      {},
    ),
  });
}

function lowerCase([name, value]: readonly [string, string]): readonly [name: string, value: string] {
  return [name.toLowerCase(), value];
}

function refusals(refused: Untouchable, fields: Readonly<Record<string, unknown>>) {
  const names = Object.keys(fields).filter((name) => refused.has(name.toLowerCase()));
  return names.map((name) => ({ message: because(refused)({ input: name }), ...at(fields, name) }));
}

function because(refused: Untouchable) {
  return ({ input }: { readonly input: unknown }) =>
    `found ${JSON.stringify(input)}, expected another header: ${refused.get(String(input).toLowerCase())}`;
}
