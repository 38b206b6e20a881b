import type { Contender } from "./contender.ts";
import { type LbProgram, runLb } from "./lb-program.ts";

/** `lb` as a user runs it: the flags that are measured, everything else as it comes. */

/** The client towards the backends that is in every `lb`. */
export const LB_FETCH = "lb fetch";
/** The one that reads and writes HTTP/1.1 by itself. */
export const LB_HTTP1 = "lb http1";

/** `lb` with no flag that need not be. */
export function plainLb(program: LbProgram): Contender {
  return lb(program, "lb", []);
}

/** One for each client that this `lb` has; says which one it lacks. */
export function lbContenders(program: LbProgram): Contender[] {
  if (!program.hasTransports) {
    console.log(`${LB_HTTP1}: skipped, this lb has no --transport http1`);
    return [lb(program, LB_FETCH, [])];
  }
  return [lb(program, LB_FETCH, ["--transport", "fetch"]), lb(program, LB_HTTP1, ["--transport", "http1"])];
}

/** Each of these, and the same with two workers; says so if this `lb` has no workers. */
export function lbWorkerContenders(program: LbProgram): Contender[] {
  if (!program.hasWorkers) {
    console.log("lb --workers 2: skipped, this lb has no --workers");
    return [];
  }
  const transports = program.hasTransports ? ["fetch", "http1"] : [undefined];
  return transports.flatMap((transport) =>
    [1, 2].map((workers) => {
      const flags = transport === undefined ? [] : ["--transport", transport];
      const name = `lb ${transport ?? "fetch"}, ${workers} worker${workers === 1 ? "" : "s"}`;
      return lb(program, name, [...flags, "--workers", String(workers)]);
    }),
  );
}

function lb(program: LbProgram, name: string, flags: readonly string[]): Contender {
  return {
    name,
    isPeer: false,
    forwardsClient: true,
    missing: () => undefined,
    command: ({ port, backendPort }) => ({
      argv: runLb(program.path, [
        "--backends",
        `http://127.0.0.1:${backendPort}`,
        "--port",
        String(port),
        ...flags,
      ]),
    }),
  };
}
