import { BUN_HTTP1 } from "./runtimes.ts";
import { suite } from "./suite.ts";

suite(BUN_HTTP1);
