import { text } from "./schema/values.ts";

/** The name of a file, from the folder of the config file. */
export function fileName() {
  return text("the name of a file", /^[^\0]+$/);
}
