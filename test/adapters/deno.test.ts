import { DENO } from "./capabilities.ts";
import { localBinary } from "./runtime.ts";
import { suite } from "./suite.ts";

suite({
  name: "deno",
  capabilities: DENO,
  command: [localBinary("deno"), "run", "-A", "--no-config", "--no-lock"],
  needsBundle: false,
});
