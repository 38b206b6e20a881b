import { NODE_HTTP1 } from "./runtimes.ts";
import { suite } from "./suite.ts";

suite(NODE_HTTP1);
