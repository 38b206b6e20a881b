import { resolveConfig } from "../../src/config/config.ts";
import { seededRandom } from "../../src/core/random.ts";
import { Supervisor } from "../../src/workers/supervisor.ts";
import { type Script, ScriptedTransport } from "../simulation/scripted-transport.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";
import { StagedWorkers } from "./staged-workers.ts";

export const A = "http://a:1";
const GOOD: Script = () => new Response("ok");

/** A supervisor of workers that exist only in the test, on the virtual clock. */
export function setUp(count = 2, script = GOOD, backends: readonly string[] = [A]) {
  const clock = new VirtualClock();
  const workers = new StagedWorkers();
  const events: (readonly unknown[])[] = [];
  const supervisor = new Supervisor({
    count,
    ports: [0],
    pools: resolveConfig({ backends }).pools,
    spawn: workers.spawn,
    events: {
      stateChange: ({ backend, available }) => events.push([backend.origin, available]),
      panicChange: ({ panicking, available }) => events.push(["panic", panicking, available]),
      crashed: (slot, _pid, how, delayMs) => events.push(["crashed", slot, how, delayMs]),
      restarted: (slot) => events.push(["restarted", slot]),
    },
    clock,
    random: seededRandom(1),
    transport: new ScriptedTransport(script),
  });
  return { clock, workers, events, supervisor };
}
