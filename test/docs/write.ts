/** `npm run docs`: writes into the docs, and into the types of the config, what is known from the code. */
import { join } from "node:path";
import { withConfigTables } from "./config-tables.ts";
import { typeFiles } from "./config-types.ts";
import { withFlagTables } from "./flag-tables.ts";
import { CONFIG_SCHEMAS, TYPE_FILES } from "./type-files.ts";

const ROOT = join(import.meta.dir, "../..");
for (const [file, text] of typeFiles(TYPE_FILES)) await Bun.write(join(ROOT, "src/config/types", file), text);
const path = join(ROOT, "docs/REFERENCE.md");
await Bun.write(path, withConfigTables(withFlagTables(await Bun.file(path).text()), CONFIG_SCHEMAS));
