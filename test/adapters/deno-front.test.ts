import { DENO_FRONT } from "./runtimes.ts";
import { suite } from "./suite.ts";

suite(DENO_FRONT);
