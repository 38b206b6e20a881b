import { X509Certificate } from "node:crypto";
import type { BackendTlsRules } from "../config/backend-tls.ts";
import type { ConfigProblem } from "../config/problem.ts";
import { placeOf } from "../config/schema/check.ts";
import type { BackendTlsOptions } from "../transport/backend-tls.ts";
import { withFileProblems } from "./file-problem.ts";
import type { Flags } from "./flags.ts";
import type { Given } from "./given.ts";
import { keyPair, type NamedFile } from "./key-pair.ts";
import { certificateFile, parsed } from "./pem.ts";
import { withoutUndefined } from "./without-undefined.ts";

/** The flags of `lb serve` on how TLS backends are spoken to, by requests and checks alike. */
export const BACKEND_TLS_FLAGS = {
  "backend-ca": {
    type: "string",
    valueHint: "FILE",
    description:
      "who vouches for https backends' certificates, as PEM (default those that the system believes)",
    key: "backendTls.ca",
  },
  "backend-cert": {
    type: "string",
    valueHint: "FILE",
    description: "the certificate that https backends are shown, and its chain, as PEM (default none)",
    key: "backendTls.cert",
  },
  "backend-key": {
    type: "string",
    valueHint: "FILE",
    description: "the key for it, as PEM",
    key: "backendTls.key",
  },
  "backend-server-name": {
    type: "string",
    valueHint: "NAME",
    description:
      "the name that https backends are asked for, and their certificates for (default each one's host)",
    key: "backendTls.serverName",
  },
  "backend-verify": {
    type: "string",
    valueHint: "true|false",
    description: "whether https backends' certificates are checked; false believes any",
    default: "true",
    key: "backendTls.verify",
  },
} as const satisfies Flags;

/** What was given of these; what was not is undefined. Files are read later, and names checked with the config. */
export function givenBackendTls(given: Given): {
  [Key in keyof BackendTlsRules]: BackendTlsRules[Key] | undefined;
} {
  return {
    ca: given.text("backend-ca"),
    cert: given.text("backend-cert"),
    key: given.text("backend-key"),
    serverName: given.text("backend-server-name"),
    verify: given.has("backend-verify") ? given.isOn("backend-verify") : undefined,
  };
}

/**
 * Reads the files that say how TLS backends are spoken to, and checks them before anything is connected.
 *
 * @param named Where a file is that was named in the config, or by this flag.
 * @param problems Takes in what is wrong with them.
 */
export function backendTls(
  { ca, cert, key, serverName, verify }: BackendTlsRules,
  named: (name: string, flag: string) => string,
  problems: ConfigProblem[],
): BackendTlsOptions {
  const fileOf = (name: (typeof FILE_KEYS)[number], file: string): NamedFile => {
    return { file: named(file, `backend-${name}`), place: placeOf(["backendTls", name]) };
  };
  const paths = FILE_KEYS.map((name) => ["backendTls", name]);
  const read = <T>(act: () => T) => withFileProblems(paths, problems, act);
  return withoutUndefined({
    ca: ca === undefined ? undefined : read(() => authorities(fileOf("ca", ca))),
    ...(cert === undefined || key === undefined
      ? {}
      : read(() => keyPair(fileOf("cert", cert), fileOf("key", key)))),
    serverName,
    // Not every runtime takes a word on it, even where that changes nothing.
    verify: verify ? undefined : false,
  });
}

const FILE_KEYS = ["ca", "cert", "key"] as const;

function authorities({ file, place }: NamedFile): string {
  const { text } = certificateFile(file, place);
  // Those after the first must be some, too, or connections would fail for a reason that nobody tells.
  const rest = text.match(PEM_BLOCK)?.slice(1) ?? [];
  parsed(() => rest.map((block) => new X509Certificate(block)), file, place, "only certificates as PEM");
  return text;
}

const PEM_BLOCK = /-----BEGIN [^-]+-----[^-]*-----END [^-]+-----/g;
