import { ASKING_FLAGS } from "../admin/admin-client.ts";
import type { Flags } from "../flags.ts";
import { SERVE_FLAGS } from "../serve-flags.ts";

/** The flags of `lb explain`: first the request, then where it comes to, as in `lb serve`. */
export const EXPLAIN_FLAGS = {
  request: {
    type: "string",
    valueHint: "'METHOD TARGET'",
    description: "the request line, such as 'GET /users?page=2'; its flag may be left out",
  },
  header: {
    type: "string",
    valueHint: "'NAME: VALUE'",
    description: "one of its fields; can be given again; without Host it is localhost",
    letter: "H",
    isList: true,
  },
  client: {
    type: "string",
    valueHint: "ADDRESS",
    description: "the IP address that it comes from (default not known)",
  },
  json: { type: "boolean", description: "print the explanation as JSON" },
  ...ASKING_FLAGS,
  ...SERVE_FLAGS,
} as const satisfies Flags;
