import { BUN } from "./capabilities.ts";
import { localBinary } from "./runtime.ts";
import { suite } from "./suite.ts";

suite({
  name: "bun",
  capabilities: BUN,
  command: [localBinary("bun"), "run"],
  needsBundle: false,
});
