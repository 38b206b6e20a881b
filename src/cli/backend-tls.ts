import { X509Certificate } from "node:crypto";
import { TLS_NAME, TLS_NAME_WORDS } from "../config/check-tls.ts";
import { ConfigError } from "../config/problem.ts";
import type { BackendTlsOptions } from "../transport/backend-tls.ts";
import type { Flags } from "./flags.ts";
import type { Given } from "./given.ts";
import { pemPair } from "./key-pair.ts";
import { certificateFile, parsed } from "./pem.ts";
import { withoutUndefined } from "./without-undefined.ts";

/** The flags of `lb serve` on how TLS backends are spoken to, by requests and checks alike. */
export const BACKEND_TLS_FLAGS = {
  "backend-ca": {
    type: "string",
    valueHint: "FILE",
    description:
      "who vouches for https backends' certificates, as PEM (default those that the system believes)",
  },
  "backend-cert": {
    type: "string",
    valueHint: "FILE",
    description: "the certificate that https backends are shown, and its chain, as PEM (default none)",
  },
  "backend-key": {
    type: "string",
    valueHint: "FILE",
    description: "the key for it, as PEM",
  },
  "backend-server-name": {
    type: "string",
    valueHint: "NAME",
    description:
      "the name that https backends are asked for, and their certificates for (default each one's host)",
  },
  "backend-verify": {
    type: "string",
    valueHint: "true|false",
    description: "whether https backends' certificates are checked; false believes any",
    default: "true",
  },
} as const satisfies Flags;

/**
 * Reads how TLS backends are spoken to; all files are read and checked before anything is connected.
 *
 * @throws ConfigError that names the flag, and what is wrong with its value or its file.
 */
export function backendTls(given: Given): BackendTlsOptions {
  const name = given.text("backend-server-name");
  const isVerifyGiven = given.text("backend-verify") !== undefined;
  return withoutUndefined({
    ca: authorities(given),
    ...pemPair(given, "backend-cert", "backend-key"),
    serverName: name === undefined ? undefined : tlsName(given.place("backend-server-name"), name),
    verify: isVerifyGiven ? given.isOn("backend-verify") : undefined,
  });
}

/** @throws ConfigError for what no certificate can be for. */
function tlsName(place: string, name: string): string {
  if (TLS_NAME.test(name)) return name;
  throw new ConfigError(`${place}: found "${name}", expected ${TLS_NAME_WORDS}`);
}

function authorities(given: Given): string | undefined {
  const file = given.text("backend-ca");
  if (file === undefined) return undefined;
  const place = given.place("backend-ca");
  const { text } = certificateFile(file, place);
  // Those after the first must be some, too, or connections would fail for a reason that nobody tells.
  const rest = text.match(PEM_BLOCK)?.slice(1) ?? [];
  parsed(() => rest.map((block) => new X509Certificate(block)), file, place, "only certificates as PEM");
  return text;
}

const PEM_BLOCK = /-----BEGIN [^-]+-----[^-]*-----END [^-]+-----/g;
