import type { ProbeRules } from "../../src/config/resolved.ts";
import { Backend } from "../../src/core/backend.ts";
import { Health, type StateChange } from "../../src/core/health.ts";
import { type Random, seededRandom } from "../../src/core/random.ts";
import { Prober } from "../../src/proxy/prober.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { type Script, ScriptedTransport } from "../simulation/scripted-transport.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";

/** As by default. */
export const RULES: ProbeRules = {
  path: "/health",
  fallsBack: true,
  port: 0,
  tls: {},
  method: "GET",
  host: "",
  headers: {},
  statuses: [[200, 499]],
  body: "",
  intervalMs: 10_000,
  intervalDownMs: 0,
  timeoutMs: 2_000,
};

interface Setting {
  readonly backends?: number;
  readonly random?: Random;
  readonly rules?: Partial<ProbeRules>;
}

/** A prober whose time and backends are in the hands of the test, and what it asked when. */
export function setUp(script: Script, { backends = 1, random = seededRandom(1), rules = {} }: Setting = {}) {
  const clock = new VirtualClock(0);
  const probes: { atMs: number; origin: string; target: string }[] = [];
  const transport = new ScriptedTransport((sent, index) => {
    probes.push({ atMs: clock.nowMs(), origin: sent.backend.origin, target: sent.outbound.target });
    return script(sent, index);
  });
  const changes: StateChange[] = [];
  const health = new Health({ rise: 1, fall: 1, checked: true }, clock, (change) => changes.push(change));
  const members = Array.from({ length: backends }, (_, index) => new Backend(sampleSpec(index)));
  const prober = new Prober({ ...RULES, ...rules }, transport, health, clock, random);
  return { clock, transport, probes, changes, health, members, prober };
}

/** Always the same draw: 1000 of [0, 2000] is the middle, an interval of exactly ten seconds. */
export const always = (number: number): Random => ({ below: () => number });
/** A backend that is well. */
export const ok = () => new Response("ok");
