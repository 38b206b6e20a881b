import { type ConversionConfig, type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import type { Named } from "../../config/schema/keys.ts";
import type { Schema } from "../../config/schema/run.ts";

/** What stands for a schema that no file can meet: of a function, or of a `RegExp`. */
const NOTHING: JsonSchema = { not: {} };

/** What is only known to those who see several keys, or is done with a value that is right: JSON Schema leaves it out. */
const IGNORED = ["check", "raw_check", "to_lower_case"];

const VARIABLE = "variable";

/**
 * A schema of the config as JSON Schema, of the draft that all editors know (draft-07), with every docstring and
 * default. It takes whatever the balancer takes from a file; what it refuses, the balancer refuses too, but not the
 * other way round: what several keys say together it does not judge.
 */
export function jsonSchemaOf(schema: Schema & Named): JsonSchema {
  const definitions: Record<string, JsonSchema> = {};
  const overrideSchema = overriding(definitions);
  const root = toJsonSchema(schema as Schema, {
    typeMode: "input",
    ignoreActions: IGNORED,
    overrideSchema,
    overrideAction,
  });
  const { $schema = "", ...rest } = withVariables(root);
  return {
    $schema,
    title: schema.name,
    description: schema.doc,
    ...rest,
    $defs: {
      ...mapped(definitions),
      [VARIABLE]: {
        type: "string",
        pattern: "\\$\\{",
        description: "What a variable of the environment says.",
      },
    },
  };
}

type OverrideSchema = NonNullable<ConversionConfig["overrideSchema"]>;

/** @param definitions Takes in what stands in several places, by its name. */
function overriding(definitions: Record<string, JsonSchema>): OverrideSchema {
  return ({ valibotSchema, jsonSchema }) => {
    const { type, name, typeText, entries } = valibotSchema as Converted;
    switch (type) {
      // What has no type of TypeScript's own is a public key, of which nothing else is known.
      case "custom":
        return typeText === undefined ? { type: "object", required: ["kty"] } : NOTHING;
      case "instance":
        return NOTHING;
      case "union": {
        const options = jsonSchema.anyOf?.filter((option) => !isNothing(option)) ?? [];
        if (name === undefined) return { ...jsonSchema, anyOf: options };
        definitions[name] = { ...jsonSchema, anyOf: options };
        return { $ref: `#/$defs/${name}` };
      }
      case "strict_object":
        return documented(jsonSchema, entries);
      default:
        return null;
    }
  };
}

/** What is read of a schema that is converted. */
interface Converted {
  readonly type: string;
  readonly name?: string;
  readonly typeText?: unknown;
  readonly entries?: Readonly<Record<string, Schema>>;
}

/** An object whose keys have their docstrings, which stand behind what is done with a value that is right. */
function documented(object: JsonSchema, entries: Readonly<Record<string, Schema>> = {}): JsonSchema {
  const properties = Object.entries(object.properties ?? {}).map(([key, schema]): [string, Definition] => {
    const description = docOf(entries[key]);
    return [key, typeof schema === "object" && description ? { ...schema, description } : schema];
  });
  const { required = [], ...rest } = object;
  return {
    ...rest,
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(properties),
  };
}

function docOf(entry: unknown): string | undefined {
  const { wrapped, pipe = [] } = (entry ?? {}) as { wrapped?: unknown; pipe?: readonly DocItem[] };
  return wrapped === undefined
    ? pipe.findLast(({ type }) => type === "description")?.description
    : docOf(wrapped);
}

interface DocItem {
  readonly type: string;
  readonly description?: string;
}

/** JSON Schema's patterns have no flags, and are read as Unicode (2020-12 §6.4): what other flags take is not judged. */
const overrideAction: NonNullable<ConversionConfig["overrideAction"]> = ({ valibotAction, jsonSchema }) => {
  const { type, requirement } = valibotAction as { type: string; requirement?: unknown };
  if (type !== "regex" || !(requirement instanceof RegExp)) return null;
  const { flags, source } = requirement;
  const isJudged = (flags === "" || flags === "u") && source !== "^";
  return isJudged ? { ...jsonSchema, pattern: source } : jsonSchema;
};

function isNothing(schema: unknown): boolean {
  return JSON.stringify(schema) === JSON.stringify(NOTHING);
}

/** The schema in which every value that is no object or list may also be what a variable says. */
function withVariables(schema: JsonSchema): JsonSchema {
  const { properties, additionalProperties, items, anyOf, ...rest } = schema;
  const inner = {
    ...rest,
    ...(properties && { properties: mapped(properties) }),
    ...(additionalProperties !== undefined && {
      additionalProperties: replaced(additionalProperties),
    }),
    ...(items !== undefined && !Array.isArray(items) && { items: replaced(items) }),
    ...(anyOf && { anyOf: anyOf.map((option) => (typeof option === "object" ? parts(option) : option)) }),
  };
  return inner as JsonSchema;
}

type Definition = JsonSchema | boolean;

function mapped(schemas: Readonly<Record<string, Definition>>): Record<string, Definition> {
  return Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, replaced(schema)]));
}

/** What a key or an entry may be. */
function replaced(schema: Definition): Definition {
  if (typeof schema !== "object") return schema;
  const { description, default: fallback, ...kind } = parts(schema);
  const annotations = {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
  };
  const options = kind.anyOf ?? [kind];
  if (!options.some(isConstrained)) {
    // Nothing that stands beside a reference counts in draft-07.
    return kind.$ref === undefined ? { ...annotations, ...kind } : { ...annotations, allOf: [kind] };
  }
  return { ...annotations, anyOf: [...options, { $ref: `#/$defs/${VARIABLE}` }] };
}

function parts(schema: JsonSchema): JsonSchema {
  const { anyOf, ...rest } = withVariables(schema);
  if (anyOf === undefined) return rest;
  // Unions in unions are one.
  const flat = anyOf.flatMap((option) =>
    typeof option === "object" && option.anyOf !== undefined ? option.anyOf : [option],
  );
  return { ...rest, anyOf: flat };
}

/** Whether a text with a variable in it is not such a value anyway. */
function isConstrained(schema: Definition): boolean {
  if (typeof schema !== "object" || schema.$ref !== undefined) return false;
  if (schema.type === "object" || schema.type === "array") return false;
  return schema.type !== "string" || schema.pattern !== undefined || schema.enum !== undefined;
}
