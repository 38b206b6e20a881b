/** `npm run docs`: writes into the docs what is known from the code. */
import { join } from "node:path";
import { withFlagTables } from "./flag-tables.ts";

const path = join(import.meta.dir, "../../docs/REFERENCE.md");
await Bun.write(path, withFlagTables(await Bun.file(path).text()));
