import { type ConfigNode, type Mistake, MistakenText, type ParsedText, type ScalarNode } from "./node.ts";

/** The environment, as `process.env` has it. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** `$${`, which is the text `${`; or `${…}`; or a `${` that nothing ends. */
const SUBSTITUTION = /\$\$\{|\$\{([^}]*)(\}?)/g;

/**
 * A variable's name, as shells have them, and what it is without a value (POSIX, "Parameter Expansion"). Not a variable
 * again, which would end at the first brace.
 */
const EXPRESSION = /^([A-Za-z_][A-Za-z0-9_]*)(?::-((?:(?!\$\{)[\s\S])*))?$/;

const FORM = `\${NAME} or \${NAME:-default}, or $\${ for the characters themselves`;

/**
 * Puts the values of variables into every string that is a value: `${NAME}`, or `${NAME:-default}` for one that may be
 * unset or empty. What a variable holds is not looked through again. A string of nothing but variables becomes what
 * the format reads their text as, and keeps the other type that it may be meant as.
 *
 * @throws MistakenText with every variable that is not set, and every `${` that is not one of these.
 */
export function substitute({ root, typed }: ParsedText, text: string, variables: Variables): void {
  const mistakes: Mistake[] = [];
  const done = new Set<unknown>();
  visit(root);
  if (mistakes.length > 0) throw new MistakenText(mistakes);

  function visit(node: ConfigNode): void {
    if (node.kind === "scalar") {
      if (typeof node.value === "string") fill(node, node.value);
      return;
    }
    // Aliases lead to the same contents again.
    const contents = node.kind === "object" ? node.fields : node.items;
    if (done.has(contents)) return;
    done.add(contents);
    if (node.kind === "list") for (const item of node.items) visit(item);
    else for (const field of node.fields.values()) visit(field.node);
  }

  function fill(node: ScalarNode, source: string): void {
    if (!source.includes("${")) return;
    // Where a string is written as it reads, a mistake in it has a place of its own.
    const written = text.slice(node.start, node.end);
    let from = 0;
    const value = source.replace(SUBSTITUTION, (whole: string, expression = "", closing = "") => {
      const at = written.indexOf(whole, from);
      if (at >= 0) from = at + whole.length;
      if (whole === "$${") return "${";
      const offset = node.start + Math.max(0, at);
      const [, name, otherwise] = EXPRESSION.exec(expression) ?? [];
      if (name === undefined || closing === "") {
        mistakes.push({ offset, message: `found ${JSON.stringify(whole)}, expected ${FORM}` });
        return "";
      }
      const given = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (otherwise !== undefined) return given || otherwise;
      if (given !== undefined) return given;
      const example = `\${${name}:-default}`;
      mistakes.push({
        offset,
        message: `found \${${name}}, which is not set, expected it to be, or ${example}`,
      });
      return "";
    });
    const isWhole = source.replace(SUBSTITUTION, (whole) => (whole === "$${" ? whole : "")) === "";
    const read = isWhole ? typed(value) : value;
    node.value = node.isTextFirst ? value : read;
    if (read !== value) node.otherValue = node.isTextFirst ? read : value;
  }
}
