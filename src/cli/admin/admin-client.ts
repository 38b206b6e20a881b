import { TOKEN, TOKEN_WORDS } from "../../config/admin.ts";
import { ConfigError } from "../../config/problem.ts";
import { systemClock } from "../../system.ts";
import { UsageError } from "../args.ts";
import type { Flags } from "../flags.ts";
import type { Given } from "../given.ts";
import { secretFile } from "../pem.ts";
import { ADMIN_FLAGS } from "./admin-flags.ts";

/** The longest wait for an answer, in milliseconds: workers that are replaced finish what they have first. */
const TIMEOUT_MS = 60_000;

/** The flags of commands that ask a running balancer. */
export const ASKING_FLAGS = {
  admin: {
    type: "string",
    valueHint: "URL",
    description: "where the running lb has its admin listener: it says so when it starts",
  },
  token: { ...ADMIN_FLAGS["admin-token"], description: "the token that it was given", key: "" },
  "token-file": { ...ADMIN_FLAGS["admin-token-file"], key: "" },
} as const satisfies Flags;

/** What a running balancer answered. */
export interface AdminAnswer {
  readonly status: number;
  readonly json: unknown;
}

/**
 * Asks the running balancer that flags or variables name.
 *
 * @param body Sent as JSON; undefined sends none.
 * @throws UsageError if none is named.
 * @throws ConfigError if it cannot be asked, or does not let in whoever asks.
 */
export async function askAdmin(
  given: Given,
  method: string,
  path: string,
  body?: unknown,
): Promise<AdminAnswer> {
  const text = given.text("admin");
  if (text === undefined) {
    throw new UsageError("--admin: found none, expected a URL such as http://127.0.0.1:9000");
  }
  const place = given.place("admin");
  if (!URL.canParse(text) || !/^https?:/i.test(text)) {
    throw new ConfigError(`${place}: found "${text}", expected a URL such as http://127.0.0.1:9000`);
  }
  const headers: Record<string, string> = { authorization: `Bearer ${tokenOf(given)}` };
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await answerOf(place, text, new URL(path, text), {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (answer.status === 401) {
    throw new ConfigError(`${given.place(tokenFlag(given))}: ${text} takes another token`);
  }
  return answer;
}

async function answerOf(place: string, url: string, asked: URL, init: RequestInit): Promise<AdminAnswer> {
  const late = new AbortController();
  const cancel = systemClock.after(TIMEOUT_MS, () => late.abort());
  let text: string;
  let status: number;
  try {
    // The environment's proxy is for the outside; a balancer is asked directly.
    const response = await fetch(asked, { ...init, signal: late.signal, proxy: false } as RequestInit);
    status = response.status;
    text = await response.text();
  } catch {
    const found = late.signal.aborted ? `no answer within ${TIMEOUT_MS / 1000} s from` : "cannot connect to";
    throw new ConfigError(`${place}: ${found} ${url}, expected the admin listener of a running lb`);
  } finally {
    cancel();
  }
  try {
    return { status, json: JSON.parse(text) };
  } catch {
    throw new ConfigError(`${place}: ${url} answered something else, expected the admin listener of lb`);
  }
}

function tokenFlag(given: Given): "token" | "token-file" {
  return given.has("token-file") ? "token-file" : "token";
}

function tokenOf(given: Given): string {
  const [token, file] = [given.text("token"), given.text("token-file")];
  if (token !== undefined && file !== undefined) {
    throw new ConfigError(
      `${given.place("token-file")}: found beside ${given.place("token")}, expected one of them`,
    );
  }
  if (token === undefined && file === undefined) {
    throw new UsageError("--token: found none, expected the token of the admin listener, or --token-file");
  }
  const place = given.place(tokenFlag(given));
  const text = token ?? secretFile(file as string, place);
  if (TOKEN.test(text)) return text;
  throw new ConfigError(`${place}: expected a token of ${TOKEN_WORDS}`);
}
