import { DENO_FRONT_FETCH } from "./runtimes.ts";
import { suite } from "./suite.ts";

suite(DENO_FRONT_FETCH);
