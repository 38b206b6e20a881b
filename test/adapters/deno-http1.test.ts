import { DENO_HTTP1 } from "./runtimes.ts";
import { suite } from "./suite.ts";

suite(DENO_HTTP1);
