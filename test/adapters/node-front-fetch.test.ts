import { NODE_FRONT_FETCH } from "./runtimes.ts";
import { suite } from "./suite.ts";

suite(NODE_FRONT_FETCH);
