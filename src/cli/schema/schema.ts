import { fileSchema } from "../../config/file.ts";
import type { Command } from "../command.ts";
import { printed } from "../printed.ts";

/** `lb schema`: what editors complete and check config files by. */
export const schemaCommand: Command = {
  name: "schema",
  summary: "print the JSON Schema of config files, for editors",
  flags: {},
  examples: [
    [
      "lb schema > lb.schema.json",
      "then a file may begin with # yaml-language-server: $schema=lb.schema.json",
    ],
  ],
  async run() {
    // It is of use to this command alone: nothing else waits for it.
    const { jsonSchemaOf } = await import("./json-schema.ts");
    await printed(`${JSON.stringify(jsonSchemaOf(fileSchema), undefined, 2)}\n`);
    return 0;
  },
};
