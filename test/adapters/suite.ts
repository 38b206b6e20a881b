import { afterAll, describe } from "bun:test";
import { answers } from "./answers.ts";
import { failover } from "./failover.ts";
import { heads } from "./heads.ts";
import { health } from "./health.ts";
import { interim } from "./interim.ts";
import { leaving } from "./leaving.ts";
import { listening } from "./listening.ts";
import { load } from "./load.ts";
import { quiet } from "./quiet.ts";
import { refusals } from "./refusals.ts";
import { requests } from "./requests.ts";
import { type Runtime, removeBundles } from "./runtime.ts";
import { sessions } from "./sessions.ts";
import { streaming } from "./streaming.ts";
import { trailers } from "./trailers.ts";
import { upgrades } from "./upgrades.ts";
import { waiting } from "./waiting.ts";

/** One suite for every runtime: real processes, raw sockets on both sides. */
export function suite(runtime: Runtime): void {
  describe(`lb in ${runtime.name}, ${runtime.front} front, over ${runtime.transport}`, () => {
    const quietExchanges = quiet(runtime);
    requests(runtime);
    refusals(runtime);
    answers(runtime);
    heads(runtime);
    interim(runtime);
    trailers(runtime);
    upgrades(runtime);
    streaming(runtime);
    leaving(runtime);
    failover(runtime);
    sessions(runtime);
    waiting(runtime);
    health(runtime);
    load(runtime);
    listening(runtime);
    quietExchanges();
    afterAll(removeBundles);
  });
}
