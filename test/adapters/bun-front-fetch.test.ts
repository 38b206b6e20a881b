import { BUN_FRONT_FETCH } from "./runtimes.ts";
import { suite } from "./suite.ts";

suite(BUN_FRONT_FETCH);
