import { randomBytes } from "node:crypto";
import { ConfigError, type ConfigProblem, didYouMean } from "../config/problem.ts";
import type { ResolvedPool } from "../config/resolved.ts";
import { placeOf } from "../config/schema/check.ts";
import { LEAST_SECRET_LENGTH } from "../config/sticky.ts";
import type { FileConfig } from "../config/types/file.ts";
import type { StickyConfig } from "../config/types/sticky.ts";
import { isToken } from "../http1/hop-by-hop.ts";
import type { Given } from "./given.ts";
import { secretFile } from "./pem.ts";

const SECRET_FLAGS = ["sticky-secret", "sticky-secret-file"] as const;
const SECRET_BYTES = 32;
const EXPECTED = "cookie, cookie:NAME, ip, header:NAME or off";

/** The variable by which workers have from their supervisor what cookies without a secret are made with. */
const HANDED_SECRET = "LB_WORKER_STICKY_SECRET";

/**
 * What was given of how a client's requests are kept at one backend.
 *
 * @returns Undefined if nothing was given.
 * @throws ConfigError that names the flag or variable that is wrong.
 */
export function stickySettings(given: Given): StickyConfig | false | undefined {
  const text = given.text("sticky");
  if (text === undefined) return undefined;
  const isByCookie = text === "cookie" || text.startsWith("cookie:");
  const secret = stickySecret(given);
  if (secret !== undefined && !isByCookie) throw secretWithoutCookie(given);
  if (text === "off") return false;
  if (!isByCookie) return tableSettings(given, text);
  const name = text === "cookie" ? undefined : nameIn(given, text);
  return {
    by: "cookie",
    ...(name === undefined ? {} : { name }),
    ...(secret === undefined ? {} : { secret }),
  };
}

/**
 * What cookies are to be made with, from the command line, the environment or a file.
 *
 * @returns Undefined if nothing was given.
 * @throws ConfigError that names the flag or variable that is wrong.
 */
export function stickySecret(given: Given): string | undefined {
  const [text, file] = SECRET_FLAGS.map((flag) => given.text(flag));
  const [textPlace, filePlace] = SECRET_FLAGS.map((flag) => given.place(flag)) as [string, string];
  if (file === undefined) {
    if (text === undefined || text.length >= LEAST_SECRET_LENGTH) return text;
    throw new ConfigError(`${textPlace}: expected at least ${LEAST_SECRET_LENGTH} characters`);
  }
  if (text !== undefined) {
    throw new ConfigError(`${filePlace}: found beside ${textPlace}, expected one of them`);
  }
  const secret = secretFile(file, filePlace);
  if (secret.length >= LEAST_SECRET_LENGTH) return secret;
  throw new ConfigError(
    `${filePlace}: found "${file}", expected a secret of at least ${LEAST_SECRET_LENGTH} characters`,
  );
}

/** The sentence on a secret that nothing is made with. */
export function secretWithoutCookie(given: Given): ConfigError {
  const flag = SECRET_FLAGS.find((name) => given.has(name)) as string;
  return new ConfigError(`${given.place(flag)}: found without --sticky cookie, which alone has a secret`);
}

/** What keeps workers from serving sessions together: a table of sessions, of which each would have its own. */
export function splitSessionProblems(
  written: FileConfig,
  pools: ReadonlyMap<string, ResolvedPool>,
  workers: number,
): ConfigProblem[] {
  if (workers < 2) return [];
  const problems = [...pools].flatMap(([name, { sticky }]): ConfigProblem[] => {
    if (!sticky || sticky.by === "cookie") return [];
    const isOwn = written.pools?.[name]?.sticky !== undefined;
    const path = isOwn ? ["pools", name, "sticky", "by"] : ["sticky", "by"];
    const keyed = sticky.by === "ip" ? "ip-hash" : sticky.by;
    const message = `found "${sticky.by}" with ${workers} workers, each of which would remember other sessions; expected cookie, or the algorithm ${keyed} in its place`;
    return [{ path, place: placeOf(path), message }];
  });
  // What several pools have from the top is told once.
  return problems.filter(
    ({ place }, index) => problems.findIndex((other) => other.place === place) === index,
  );
}

/**
 * Hands a secret down to workers that are started from now on, now and later, for cookies that have none of their own:
 * they are to take the cookies that the others have set. Whether there are any is not asked, since a config that is read
 * later may have the first.
 *
 * @param environment Which they inherit.
 */
export function handDownSecret(environment: Record<string, string | undefined>): void {
  environment[HANDED_SECRET] = randomBytes(SECRET_BYTES).toString("base64url");
}

/** The secret that this process was handed down; undefined if it is alone. */
export function handedSecret(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  return environment[HANDED_SECRET];
}

function tableSettings(given: Given, text: string): StickyConfig {
  if (text === "ip") return { by: "ip" };
  if (text.startsWith("header:")) {
    nameIn(given, text);
    return { by: text as `header:${string}` };
  }
  const near = didYouMean(text, ["cookie", "ip", "header:NAME", "off"]);
  throw new ConfigError(`${given.place("sticky")}: found "${text}", expected ${EXPECTED}${near}`);
}

/** What follows the colon. */
function nameIn(given: Given, text: string): string {
  const colon = text.indexOf(":");
  const name = text.slice(colon + 1);
  if (isToken(name)) return name;
  throw new ConfigError(
    `${given.place("sticky")}: found "${text}", expected a name after ${text.slice(0, colon + 1)}`,
  );
}
