import { NODE_FRONT } from "./runtimes.ts";
import { suite } from "./suite.ts";

suite(NODE_FRONT);
