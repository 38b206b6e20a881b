import { NODE } from "./capabilities.ts";
import { suite } from "./suite.ts";

suite({
  name: "node",
  capabilities: NODE,
  command: ["node"],
  needsBundle: true,
});
