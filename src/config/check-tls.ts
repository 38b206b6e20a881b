import type { TlsIdentity } from "../core/backend.ts";
import { ConfigError } from "./problem.ts";
import { checkKeys, checkObject, yesOrNo } from "./values.ts";

/** How checks of `https` backends are different from requests in TLS. Every key is the transport's by default. */
export interface CheckTlsConfig {
  /** The name to ask for, and to check the certificate by. */
  readonly serverName?: string;
  /** False believes any certificate. */
  readonly verify?: boolean;
}

/**
 * Checks a config.
 *
 * @param place What to call it in an error.
 * @returns What was given; `false` is plain TCP.
 * @throws ConfigError that names the first key that is wrong.
 */
export function resolveCheckTls(place: string, config: CheckTlsConfig | false): TlsIdentity | false {
  if (config === false) return false;
  checkObject(place, config, " or false");
  checkKeys(place, config, ["serverName", "verify"]);
  const { serverName, verify } = config;
  return {
    ...(serverName === undefined ? {} : { serverName: tlsName(`${place}.serverName`, serverName) }),
    ...(verify === undefined ? {} : { verify: yesOrNo(`${place}.verify`, verify) }),
  };
}

/**
 * A name that a certificate may be for: a host's, or an address without brackets (RFC 9110 §4.3.5).
 *
 * @param place What to call it in an error.
 * @throws ConfigError for anything else.
 */
export function tlsName(place: string, name: string): string {
  if (typeof name === "string" && /^[a-z0-9_.:-]+$/i.test(name)) return name;
  throw new ConfigError(`${place}: found ${JSON.stringify(name)}, expected a name such as app.example.com`);
}
