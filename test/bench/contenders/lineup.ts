import { type Case, MAIN_CASE_ID } from "../cases.ts";
import { caddy } from "./caddy.ts";
import { type Contender, refusal } from "./contender.ts";
import { haproxy } from "./haproxy.ts";
import { LB_IDS, lbContenders, lbWorkerContenders } from "./lb.ts";
import { fileContenders, flagsAlone } from "./lb-files.ts";
import type { LbProgram } from "./lb-program.ts";
import { nginx, nginxWorkers } from "./nginx.ts";
import { nodePeers } from "./node-peers.ts";
import { relay } from "./relay.ts";

/** Who takes part, and in what. Who was asked for and cannot is said, once. */

const OTHERS = [relay, nginx, haproxy, caddy, ...nodePeers];

/** What `--only` calls the proxies, in the order they are measured. */
export const PROXY_IDS: readonly string[] = [...LB_IDS, ...OTHERS.map(({ id }) => id)];

/** What the choice of proxies depends on. */
export interface Choice {
  /** The ids of those that take part. */
  readonly proxies: readonly string[];
  /** Whether they were asked for by name: then they have a part wherever they can. */
  readonly areNamed: boolean;
  /** Whether the run is a short one, with the proxies for Node in the main case only. */
  readonly isShort: boolean;
}

/** A case and the proxies in it. */
export interface Turn {
  readonly of: Case;
  readonly contenders: readonly Contender[];
  /** Those that would be there but for something that they lack, with what it is. */
  readonly leftOut: readonly string[];
}

/**
 * The proxies that were chosen, whether they can run here or not.
 *
 * @param program Undefined if no `lb` is needed.
 */
export function chosen(program: LbProgram | undefined, { proxies }: Choice): Contender[] {
  const all = [...(program === undefined ? [] : lbContenders(program)), ...OTHERS];
  return all.filter(({ id }) => proxies.includes(id));
}

/** Those that can run here. */
export function present(contenders: readonly Contender[]): Contender[] {
  return contenders.filter((contender) => {
    const reason = contender.missing();
    if (reason !== undefined) console.log(`${contender.name}: skipped, ${reason}`);
    return reason === undefined;
  });
}

/** Each case with those that take part in it; a case in which nobody does is left out. */
export function turnsOf(cases: readonly Case[], contenders: readonly Contender[], choice: Choice): Turn[] {
  return cases
    .map((of) => {
      const those = contenders.filter((contender) => hasPart(contender, of.id === MAIN_CASE_ID, choice));
      const refusals = new Map(those.map((contender) => [contender, refusal(contender, of)]));
      return {
        of,
        contenders: those.filter((contender) => refusals.get(contender) === undefined),
        leftOut: those.flatMap((contender) => {
          const reason = refusals.get(contender);
          return reason === undefined ? [] : [`${contender.name} (${reason})`];
        }),
      };
    })
    .filter((turn) => turn.contenders.length > 0);
}

/** Those that idle clients are connected to. */
export function idleLineUp(contenders: readonly Contender[], choice: Choice): Contender[] {
  return contenders.filter((contender) => hasPart(contender, false, choice));
}

/** The proxies that can be several processes; none if `lb` cannot. */
export function workersLineUp(program: LbProgram): Contender[] {
  const ours = present(lbWorkerContenders(program));
  return ours.length === 0 ? [] : [...ours, ...present(nginxWorkers)];
}

/** `lb` with config files, beside it with flags alone; none if it reads no files. */
export function middlewareLineUp(program: LbProgram): Contender[] {
  const fromFiles = present(fileContenders(program));
  return fromFiles.length === 0 ? [] : [flagsAlone(program), ...fromFiles];
}

function hasPart({ presence }: Contender, isMain: boolean, { areNamed, isShort }: Choice): boolean {
  return areNamed || isMain || presence === "every case" || (presence === "full run" && !isShort);
}
