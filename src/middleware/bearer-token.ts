import { cookieValue } from "../proxy/cookie.ts";
import { urlParts } from "./path.ts";

/** Where a request may have a token, beside `Authorization` (RFC 6750 §2). */
export interface TokenPlaces {
  /** A cookie's name; undefined is none. */
  readonly tokenCookie?: string | undefined;
  /** A query parameter's name; undefined is none. */
  readonly tokenParameter?: string | undefined;
}

/** A token, and whether it stood where URLs are logged and kept. */
export interface FoundToken {
  readonly token: string;
  readonly isInUrl: boolean;
}

const SCHEME = /^bearer +/i;

/** The first token that a request has: in `Authorization`, in the cookie, in the query. Undefined if it has none. */
export function findToken(
  request: Request,
  { tokenCookie, tokenParameter }: TokenPlaces,
): FoundToken | undefined {
  const field = request.headers.get("authorization") ?? "";
  const scheme = SCHEME.exec(field);
  if (scheme !== null) return { token: field.slice(scheme[0].length), isInUrl: false };
  const cookies = tokenCookie === undefined ? null : request.headers.get("cookie");
  const cookie = cookies === null || tokenCookie === undefined ? "" : cookieValue(cookies, tokenCookie);
  if (cookie !== "") return { token: cookie.replace(/^"(.*)"$/, "$1"), isInUrl: false };
  if (tokenParameter === undefined) return undefined;
  const { query } = urlParts(request.url);
  const pair = pairsOf(query).find((written) => nameOf(written) === tokenParameter);
  return pair === undefined
    ? undefined
    : { token: decoded(pair.slice(pair.indexOf("=") + 1)), isInUrl: true };
}

/** Takes the token out of the fields, wherever it may stand in them; the rest stays as it was. */
export function removeToken(headers: Headers, { tokenCookie }: TokenPlaces): void {
  if (SCHEME.test(headers.get("authorization") ?? "")) headers.delete("authorization");
  const cookies = tokenCookie === undefined ? null : headers.get("cookie");
  if (cookies === null) return;
  const pairs = cookies.split(";").map((pair) => pair.trim());
  const left = pairs.filter((pair) => pair.split("=", 1)[0]?.trim() !== tokenCookie);
  if (left.length === pairs.length) return;
  if (left.length === 0) headers.delete("cookie");
  else headers.set("cookie", left.join("; "));
}

/** The URL without the token; the rest byte for byte as it was. */
export function urlWithoutToken(url: string, { tokenParameter }: TokenPlaces): string {
  if (tokenParameter === undefined) return url;
  const { origin, path, query } = urlParts(url);
  const pairs = pairsOf(query);
  const left = pairs.filter((pair) => nameOf(pair) !== tokenParameter);
  if (left.length === pairs.length) return url;
  return `${origin}${path}${left.length === 0 ? "" : `?${left.join("&")}`}`;
}

/** @param query With its `?`, or empty. */
function pairsOf(query: string): string[] {
  return query === "" ? [] : query.slice(1).split("&");
}

function nameOf(pair: string): string {
  return decoded(pair.split("=", 1)[0] as string);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not what escapes are for, so it is what it looks like.
    return text;
  }
}
