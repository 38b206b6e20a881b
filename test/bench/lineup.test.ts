import { describe, expect, test } from "bun:test";
import { CASES, MAIN_CASE_ID } from "./cases.ts";
import type { LbProgram } from "./contenders/lb-program.ts";
import { chosen, idleLineUp, PROXY_IDS, turnsOf } from "./contenders/lineup.ts";
import { estimatedSeconds } from "./estimate.ts";
import { parseFlags } from "./flags.ts";

const LB: LbProgram = {
  path: "lb",
  version: "lb 1.0.0",
  flags: new Set(["--front", "--transport", "--tls-cert", "--tls-key", "--workers"]),
  profileDirectory: undefined,
};

function planned(argv: readonly string[], program = LB) {
  const flags = parseFlags(argv);
  if (flags === undefined) throw new Error(`${argv.join(" ")} asks for help`);
  const contenders = chosen(program, flags);
  const turns = turnsOf(flags.cases, contenders, flags);
  const withIdleClients = idleLineUp(contenders, flags).length;
  return {
    contenders,
    seconds: estimatedSeconds({ ...flags, turns, withIdleClients, lbs: 0 }),
    namesIn: (id: string) => turns.find(({ of }) => of.id === id)?.contenders.map(({ name }) => name),
    leftOutOf: (id: string) => turns.find(({ of }) => of.id === id)?.leftOut.join(),
  };
}

const NODE_PEERS = ["http-proxy", "fastify-http-proxy", "httpxy"];
const EVERYWHERE = ["lb", "nginx", "haproxy", "caddy"];
const EVERYBODY = ["lb", "lb web+http1", "lb web+fetch", "relay", "nginx", "haproxy", "caddy", ...NODE_PEERS];

describe("the line-up", () => {
  test("has every proxy in the main case, whatever the run", () => {
    for (const argv of [[], ["--short"], ["--quick"]]) {
      expect(planned(argv).namesIn(MAIN_CASE_ID)).toEqual(EVERYBODY);
    }
  });

  test("has only what is worth it elsewhere", () => {
    const [full, short] = [planned([]), planned(["--short"])];
    for (const { id, hasTls } of CASES.filter(({ id }) => id !== MAIN_CASE_ID)) {
      const names = full.namesIn(id);
      expect(names?.filter((name) => !NODE_PEERS.includes(name))).toEqual(EVERYWHERE);
      if (hasTls) expect(names).toEqual(EVERYWHERE);
      expect([undefined, EVERYWHERE]).toContainEqual(short.namesIn(id));
    }
    expect(full.namesIn("headers-64")).toEqual([...EVERYWHERE, ...NODE_PEERS]);
  });

  test("has whoever is named wherever he can be, and says why he is not", () => {
    const named = planned(["--only", "nginx,lb-web,relay"]);
    expect(named.namesIn("headers-1000")).toEqual(["lb web+http1", "relay", "nginx"]);
    expect(named.namesIn("pipelined-64")).toEqual(["nginx"]);
    expect(named.leftOutOf("pipelined-64")).toMatch(/^lb web\+http1 \(Bun\.serve .*,relay \(Bun\.serve/);
    expect(named.leftOutOf("headers-64")).toBe("");
    expect(planned(["--only", "relay"]).namesIn("tls-64")).toBeUndefined();
  });

  test("asks of an older lb only what it can do", () => {
    const older = planned(["--only", PROXY_IDS.slice(0, 3).join()], {
      ...LB,
      flags: new Set(["--transport"]),
    });
    expect(older.contenders.map((contender) => contender.missing())).toEqual([
      undefined,
      "this lb has no --front",
      "this lb has no --front",
    ]);
    const old = planned(["--only", "lb,nginx"], { ...LB, flags: new Set() });
    expect(old.namesIn("tls-64")).toEqual(["nginx"]);
    expect(old.namesIn("pipelined-64")).toEqual(["nginx"]);
    expect(old.namesIn("close-64")).toEqual(["nginx"]);
  });

  test("leaves a run the time that the docs promise", () => {
    expect(planned(["--short"]).seconds / 60).toBeLessThan(10);
    expect(planned([]).seconds / 60).toBeLessThan(42);
    expect(planned(["--quick"]).seconds / 60).toBeLessThan(2.5);
  });
});
