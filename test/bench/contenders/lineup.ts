import { caddy } from "./caddy.ts";
import type { Contender } from "./contender.ts";
import { haproxy } from "./haproxy.ts";
import { lbContenders, lbWorkerContenders } from "./lb.ts";
import type { LbProgram } from "./lb-program.ts";
import { nginx, nginxWorkers } from "./nginx.ts";
import { nodePeers } from "./node-peers.ts";
import { relay } from "./relay.ts";

/** Who takes part. What was asked for and is not there is said, once. */

/**
 * The proxies of the cases.
 *
 * @param program Undefined if `lb` is not wanted.
 * @param isWanted Whether the one with this name is; `lb` is asked for by leaving out its program.
 */
export function lineUp(program: LbProgram | undefined, isWanted: (name: string) => boolean): Contender[] {
  const ours = program === undefined ? [] : lbContenders(program);
  const others = [relay, nginx, haproxy, caddy, ...nodePeers].filter(({ name }) => isWanted(name));
  return present([...ours, ...others]);
}

/** The proxies that can be several processes; none if `lb` cannot. */
export function workersLineUp(program: LbProgram): Contender[] {
  const ours = lbWorkerContenders(program);
  return ours.length === 0 ? [] : present([...ours, ...nginxWorkers]);
}

function present(contenders: readonly Contender[]): Contender[] {
  return contenders.filter((contender) => {
    const reason = contender.missing();
    if (reason !== undefined) console.log(`${contender.name}: skipped, ${reason}`);
    return reason === undefined;
  });
}
