import { DENO_RUNTIME } from "./runtimes.ts";
import { suite } from "./suite.ts";

suite(DENO_RUNTIME);
