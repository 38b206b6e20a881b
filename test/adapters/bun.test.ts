import { BUN_RUNTIME } from "./runtimes.ts";
import { suite } from "./suite.ts";

suite(BUN_RUNTIME);
