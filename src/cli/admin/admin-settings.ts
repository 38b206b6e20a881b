import { type AdminRules, TOKEN, TOKEN_WORDS } from "../../config/admin.ts";
import { clash, type ListeningPlace } from "../../config/listeners.ts";
import type { ConfigProblem } from "../../config/problem.ts";
import { placeOf } from "../../config/schema/check.ts";
import { withFileProblems } from "../file-problem.ts";
import type { ListenPlaces } from "../listening.ts";
import { secretFile } from "../pem.ts";
import type { Places } from "../places.ts";

/** Where the admin listener is, and who is let in, checked, with the token read. */
export interface AdminSettings {
  /** 0 for a free one. */
  readonly port: number;
  readonly host: string;
  readonly token: string;
  /** Where the user wrote that. */
  readonly places: ListenPlaces;
}

/**
 * Reads the file that the token is in, if it is in one, and looks whether the port is another than those of listeners.
 *
 * @param named Where a file is that was named in the config, or by this flag.
 * @param problems Takes in what is wrong with it; what is returned is then of no use.
 */
export function adminSettings(
  { port, host, token, tokenFile }: AdminRules,
  named: (name: string, flag: string) => string,
  places: Places,
  listeners: readonly ListeningPlace[],
  problems: ConfigProblem[],
): AdminSettings {
  const other = listeners.findIndex((listener) => clash(listener, { port, host }));
  if (other >= 0) {
    const path = ["admin", "port"];
    const message = `found ${port}, which listeners[${other}] has already, expected another port`;
    problems.push({ path, place: placeOf(path), message });
  }
  const at = (key: string) => places.of(["admin", key], `admin-${key}`);
  const read = tokenFile === undefined ? "" : tokenIn(named(tokenFile, "admin-token-file"), problems);
  return { port, host, token: token ?? read, places: { port: at("port"), host: at("host") } };
}

function tokenIn(file: string, problems: ConfigProblem[]): string {
  const path = ["admin", "tokenFile"];
  const place = placeOf(path);
  const token = withFileProblems([path], problems, () => secretFile(file, place));
  if (token === undefined || TOKEN.test(token)) return token ?? "";
  problems.push({ path, place, message: `found "${file}", expected a token of ${TOKEN_WORDS}` });
  return "";
}
