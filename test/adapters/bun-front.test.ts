import { BUN_FRONT } from "./runtimes.ts";
import { suite } from "./suite.ts";

suite(BUN_FRONT);
