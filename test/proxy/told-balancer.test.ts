import { expect, test } from "bun:test";
import { State } from "../../src/core/backend.ts";
import { seededRandom } from "../../src/core/random.ts";
import { type Checks, createLoadBalancer, type LoadBalancerDeps } from "../../src/load-balancer.ts";
import { refused, type Script, ScriptedTransport } from "../simulation/scripted-transport.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";
import { ORIGINS } from "./scripted-balancer.ts";

const [A, B, C] = ORIGINS;
const get = (path = "/") => new Request(`http://lb${path}`);

/** A balancer that somebody else tells how its backends are. */
function toldBalancer(script: Script, deps: LoadBalancerDeps = {}) {
  const clock = new VirtualClock();
  const transport = new ScriptedTransport(script);
  let found: Parameters<Checks["start"]>[0] = () => {};
  const checks: Checks = {
    start(tell) {
      found = tell;
    },
  };
  const lb = createLoadBalancer(
    { backends: ORIGINS },
    { clock, transport, random: seededRandom(1), checks, ...deps },
  );
  lb.start();
  return {
    lb,
    clock,
    transport,
    tell: (origin: string, state: State) => found("default", origin, state, "told"),
  };
}

test("it makes no checks of its own, and believes what it is told", async () => {
  const { lb, clock, transport, tell } = toldBalancer(() => new Response("ok"));
  await clock.run(60_000);
  expect(transport.tries).toEqual([]);
  tell(A, State.down);
  tell(C, State.down);
  tell("http://stranger:1", State.down);
  for (let count = 0; count < 3; count++) await lb.fetch(get());
  expect(transport.origins).toEqual([B, B, B]);
  tell(A, State.up);
  expect(lb.status().backends.map(({ state }) => state)).toEqual(["up", "unchecked", "down"]);
});

test("a backend that it cannot reach stays out until it is told otherwise, however long", async () => {
  const { lb, clock, transport, tell } = toldBalancer(({ backend }) => {
    if (backend.origin === A) throw refused();
    return new Response("ok");
  });
  expect((await lb.fetch(get())).status).toBe(200);
  await clock.run(600_000);
  expect(lb.status().backends[0]?.alive).toBe(false);
  tell(A, State.up);
  expect(lb.status().backends[0]?.alive).toBe(true);
  expect(transport.origins).toEqual([A, B]);
});

test("the status endpoint answers what the overview makes of the balancer's own status", async () => {
  const { lb } = toldBalancer(() => new Response("ok"), {
    overview: (own) => ({ ...own, inFlight: own.backends.length + 39 }),
  });
  expect(await (await lb.fetch(get("/lb-status"))).json()).toMatchObject({ inFlight: 42 });
  expect(lb.status().inFlight).toBe(0);
});
