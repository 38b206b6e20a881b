import { NODE_RUNTIME } from "./runtimes.ts";
import { suite } from "./suite.ts";

suite(NODE_RUNTIME);
