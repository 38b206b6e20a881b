import { UNIX_SCHEME } from "../core/backend.ts";
import { ConfigError, didYouMean } from "./problem.ts";
import { found } from "./schema/run.ts";

/**
 * Reads where a backend is.
 *
 * @param text `http://host:port`, `https://host:port` or `unix:/path`.
 * @returns The same as it is compared: without a slash at its end, a default port or upper case in the host.
 * @throws ConfigError for anything else: `found "…", expected …`.
 */
export function parseOrigin(text: string): string {
  const wrong = (expected: string) => new ConfigError(`${found(text)}, expected ${expected}`);
  if (text.slice(0, UNIX_SCHEME.length).toLowerCase() === UNIX_SCHEME) {
    return UNIX_SCHEME + parseSocketPath(text.slice(UNIX_SCHEME.length), wrong);
  }
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    const guess = URL.canParse(`http://${text}`) && text !== "" ? `; did you mean http://${text}?` : "";
    throw wrong(`a URL such as http://localhost:8081${guess}`);
  }
  if (/:\d{5,}(\/|$)/.test(text) && !URL.canParse(text)) throw wrong("a port from 1 to 65535");
  if (!URL.canParse(text)) throw wrong("a URL such as http://localhost:8081");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    const near = didYouMean(url.protocol.slice(0, -1), ["http", "https"]);
    throw wrong(`a URL that begins with http:// or https://, not ${url.protocol}//${near}`);
  }
  if (url.username !== "" || url.password !== "") throw wrong("a URL without a user name or password");
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw wrong(`an origin without a path, such as ${url.origin}`);
  }
  if (url.port === "0") throw wrong("a port from 1 to 65535");
  return url.origin;
}

/** The longest path of a Unix socket that any system takes, in bytes: Linux's. Others say so when they connect. */
const SOCKET_PATH_BYTES = 107;

function parseSocketPath(path: string, wrong: (expected: string) => ConfigError): string {
  if (path.startsWith("//")) {
    // It looks like a URL with a host, and one socket must not have two names.
    const plain = path.replace(/^\/+/, "/");
    throw wrong(`a path after unix:${plain === "/" ? "" : `; did you mean ${UNIX_SCHEME}${plain}?`}`);
  }
  if (!path.startsWith("/")) throw wrong("the absolute path of a Unix socket, such as unix:/run/app.sock");
  if (path.endsWith("/")) throw wrong("the path of a Unix socket, not of a folder");
  // Names may have any but NUL, but no log or status should have to carry them.
  if (/\p{Cc}/u.test(path)) throw wrong("a path without control characters");
  if (new TextEncoder().encode(path).length > SOCKET_PATH_BYTES) {
    throw wrong(`a path of at most ${SOCKET_PATH_BYTES} bytes`);
  }
  return path;
}
