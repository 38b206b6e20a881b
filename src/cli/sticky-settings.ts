import { randomBytes } from "node:crypto";
import { ConfigError, didYouMean } from "../config/problem.ts";
import { LEAST_SECRET_LENGTH } from "../config/sticky.ts";
import type { LoadBalancerConfig } from "../config/types/config.ts";
import type { StickyConfig } from "../config/types/sticky.ts";
import { isToken } from "../http1/hop-by-hop.ts";
import { variableOf } from "./flags.ts";
import type { Given } from "./given.ts";
import { textFile } from "./pem.ts";

const SECRET_FLAGS = ["sticky-secret", "sticky-secret-file"] as const;
const SECRET_BYTES = 32;
const EXPECTED = "cookie, cookie:NAME, ip, header:NAME or off";

/**
 * What was given of how a client's requests are kept at one backend. Its secret is checked by resolveConfig.
 *
 * @returns Undefined if nothing was given.
 * @throws ConfigError that names the flag or variable that is wrong.
 */
export function stickySettings(given: Given): StickyConfig | false | undefined {
  const text = given.text("sticky");
  const secretFlag = SECRET_FLAGS.find((flag) => given.text(flag) !== undefined);
  const isByCookie = text === "cookie" || text?.startsWith("cookie:") === true;
  if (secretFlag !== undefined && !isByCookie) {
    throw new ConfigError(
      `${given.place(secretFlag)}: found without --sticky cookie, which alone has a secret`,
    );
  }
  if (text === undefined) return undefined;
  if (text === "off") return false;
  if (!isByCookie) return tableSettings(given, text);
  const secret = secretOf(given);
  const name = text === "cookie" ? undefined : nameIn(given, text);
  return {
    by: "cookie",
    ...(name === undefined ? {} : { name }),
    ...(secret === undefined ? {} : { secret }),
  };
}

/**
 * Makes sure that workers can serve sessions together.
 *
 * @throws ConfigError for several workers whose sessions are in a table, of which each would have its own.
 */
export function refuseSplitSessions(
  given: Given,
  sticky: LoadBalancerConfig["sticky"],
  workers: number,
): void {
  if (workers < 2 || !sticky || sticky.by === "cookie") return;
  const keyed = sticky.by === "ip" ? "ip-hash" : sticky.by;
  throw new ConfigError(
    `${given.place("sticky")}: found "${sticky.by}" with ${workers} workers, each of which would remember other sessions; expected cookie, or --algorithm ${keyed} in its place`,
  );
}

/**
 * Hands the secret down to workers that are started from now on, now and later: they are to take the cookies that
 * the others have set. Does nothing if it is given to them anyway.
 *
 * @param environment Which they inherit.
 */
export function handDownSecret(
  sticky: LoadBalancerConfig["sticky"],
  environment: Record<string, string | undefined>,
): void {
  if (sticky === undefined || sticky === false) return;
  if (sticky.by !== "cookie" || sticky.secret !== undefined) return;
  environment[variableOf("sticky-secret")] = randomBytes(SECRET_BYTES).toString("base64url");
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

/** Line ends at a file's end are its editor's. */
function secretOf(given: Given): string | undefined {
  const secret = given.text("sticky-secret");
  const file = given.text("sticky-secret-file");
  if (file === undefined) return secret;
  const place = given.place("sticky-secret-file");
  if (secret !== undefined) {
    throw new ConfigError(`${place}: found beside ${given.place("sticky-secret")}, expected one of them`);
  }
  const text = textFile(file, place).replace(/[\r\n]+$/, "");
  if (text.length >= LEAST_SECRET_LENGTH) return text;
  throw new ConfigError(
    `${place}: found "${file}", expected a secret of at least ${LEAST_SECRET_LENGTH} characters`,
  );
}
