import {
  clientMistake,
  type DescribedRequest,
  fieldMistake,
  methodMistake,
  targetMistake,
} from "../../admin/described-request.ts";
import { ConfigError } from "../../config/problem.ts";
import { UsageError } from "../args.ts";
import type { Given } from "../given.ts";

const EXAMPLE = "'GET /users?page=2'";

/**
 * The request that was given by flags.
 *
 * @throws UsageError if none was given.
 * @throws ConfigError that names the flag that is wrong.
 */
export function describedRequest(given: Given): DescribedRequest {
  const line = given.text("request");
  if (line === undefined) throw new UsageError(`request: found none, expected one such as ${EXAMPLE}`);
  const client = given.text("client") ?? "";
  if (client !== "") refuse("--client", clientMistake(client));
  return { ...readRequestLine(line), headers: readFieldLines(given.all("header")), client };
}

/**
 * Reads a request line (RFC 9112 §3): a method and a target, perhaps with a version, which means nothing here.
 *
 * @throws ConfigError for anything else.
 */
export function readRequestLine(line: string): Pick<DescribedRequest, "method" | "target"> {
  const [method = "", target, version, ...rest] = line.trim().split(/\s+/);
  if (target === undefined) {
    const found = method === "" ? "nothing" : `"${method}"`;
    throw new ConfigError(`request: found ${found}, expected a method and a target such as ${EXAMPLE}`);
  }
  if (rest.length > 0 || (version !== undefined && !/^HTTP\/[0-9](?:\.[0-9])?$/.test(version))) {
    const after = [version, ...rest].join(" ");
    throw new ConfigError(`request: found "${after}" after the target, expected nothing, or HTTP/1.1`);
  }
  refuse("request", methodMistake(method));
  refuse("request", targetMistake(target));
  return { method, target };
}

/**
 * Reads fields, each as `NAME: VALUE`; those of several lines are joined (RFC 9110 §5.3), the pairs of cookies as RFC
 * 6265 has them.
 *
 * @throws ConfigError for a line that is no field.
 */
export function readFieldLines(lines: readonly string[]): Record<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 0) throw new ConfigError(`--header: found "${line}", expected 'NAME: VALUE'`);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    refuse("--header", fieldMistake(name, value));
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}${name === "cookie" ? "; " : ", "}${value}`);
  }
  return Object.fromEntries(fields);
}

function refuse(place: string, mistake: string | undefined): void {
  if (mistake !== undefined) throw new ConfigError(`${place}: ${mistake}`);
}
