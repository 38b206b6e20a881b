import type { AdminConfig } from "../../config/types/file.ts";
import type { Flags } from "../flags.ts";
import type { Given } from "../given.ts";

/** The flags of `lb serve` on its admin listener. */
export const ADMIN_FLAGS = {
  "admin-port": {
    type: "string",
    valueHint: "PORT",
    description: "where lb reload and lb explain reach it; 0 takes a free one (default nowhere)",
    key: "admin.port",
  },
  "admin-host": {
    type: "string",
    valueHint: "ADDRESS",
    description: "the address of that (default 127.0.0.1, which no other machine reaches)",
    key: "admin.host",
  },
  "admin-token": {
    type: "string",
    valueHint: "TEXT",
    description: "what whoever asks there has to show",
    key: "admin.token",
  },
  "admin-token-file": {
    type: "string",
    valueHint: "FILE",
    description: "the same, in a file",
    key: "admin.tokenFile",
  },
} as const satisfies Flags;

/** What was given of these; what was not is undefined. Checked with the config. */
export function givenAdmin(given: Given): { [Key in keyof AdminConfig]: AdminConfig[Key] | undefined } {
  return {
    port: given.wholeNumber("admin-port", 0, 65_535),
    host: given.text("admin-host"),
    token: given.text("admin-token"),
    tokenFile: given.text("admin-token-file"),
  };
}
