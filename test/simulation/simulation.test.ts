import { describe, expect, test } from "bun:test";
import { State } from "../../src/core/backend.ts";
import { ERRORS, type ErrorKind } from "../../src/simulation/measurements.ts";
import { resultOf } from "../../src/simulation/result.ts";
import { CALM, type Scenario } from "../../src/simulation/scenario.ts";
import { type Policy, Simulation, type SimulationDeps } from "../../src/simulation/simulation.ts";
import { type PolicyChoices, samplePolicy } from "./sample-policy.ts";

function played(
  scenario: Partial<Scenario>,
  choices: Partial<PolicyChoices> = {},
  deps: SimulationDeps = {},
): Simulation {
  const policy: Policy = samplePolicy({ backends: 1, ...choices });
  const simulation = new Simulation(policy, { ...CALM, ...scenario }, deps);
  while (simulation.step());
  return simulation;
}

function errorsOf({ measurements }: Simulation): Partial<Record<ErrorKind, number>> {
  const kinds = ERRORS.filter((kind) => measurements.errors(kind) > 0);
  return Object.fromEntries(kinds.map((kind) => [kind, measurements.errors(kind)]));
}

/** Where queueing theory knows the answer, the simulation must find it. */
describe("one server is the queue of the textbooks", () => {
  const served = (scenario: Partial<Scenario>) =>
    played({ durationMs: 2_000_000, distribution: "exponential", concurrency: 1, ...scenario }).measurements
      .latency;

  test("M/M/1: the times are exponential, with the mean 1 / (µ − λ)", () => {
    const latency = served({ requestsPerSecond: 50, serviceMs: 10 });
    expect(latency.meanMs / 20).toBeCloseTo(1, 1);
    expect(latency.quantileMs(0.5) / (20 * Math.LN2)).toBeCloseTo(1, 1);
    expect(latency.quantileMs(0.99) / (20 * Math.log(100))).toBeCloseTo(1, 1);
  });

  test("M/D/1: the wait is ρ / 2 (1 − ρ) of the service", () => {
    const latency = served({ requestsPerSecond: 80, serviceMs: 10, distribution: "constant" });
    expect(latency.meanMs / 30).toBeCloseTo(1, 1);
  });

  test("M/M/4: the wait is Erlang's C over the capacity that is free", () => {
    const latency = served({ requestsPerSecond: 300, serviceMs: 10, concurrency: 4 });
    const offered = 3;
    const terms = [1, offered, offered ** 2 / 2, offered ** 3 / 6].reduce((sum, term) => sum + term, 0);
    const waiting = (offered ** 4 / 24) * (4 / (4 - offered));
    const meanWaitMs = (waiting / (terms + waiting)) * (1000 / (400 - 300));
    expect(latency.meanMs / (10 + meanWaitMs)).toBeCloseTo(1, 1);
  });

  test("what is under way is the rate times the time (Little's law)", () => {
    const simulation = played({ requestsPerSecond: 50, serviceMs: 10, durationMs: 1_000_000 });
    const expected = (simulation.arrived / 1_000_000) * simulation.measurements.latency.meanMs;
    expect((simulation.load.meanInFlight[0] ?? 0) / expected).toBeCloseTo(1, 3);
  });
});

describe("a run", () => {
  const rough: Partial<Scenario> = {
    requestsPerSecond: 500,
    durationMs: 20_000,
    slowShare: 0.2,
    crashShare: 0.2,
    crashEveryMs: 5_000,
    faultyShare: 0.3,
    refusals: 0.1,
    resets: 0.1,
    errors: 0.1,
    patienceMs: 400,
  };
  const numbers = (seed: number) =>
    JSON.stringify(resultOf("", played({ ...rough, seed }, { backends: 10 })));

  test("is the same for the same seed, and another for another", () => {
    expect(numbers(7)).toBe(numbers(7));
    expect(numbers(7)).not.toBe(numbers(8));
  });

  test("answers everybody, and leaves nothing under way", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const simulation = played({ ...rough, seed }, { backends: 10 });
      const { measurements, balancer, servers } = simulation;
      expect(measurements.latency.count).toBe(simulation.arrived);
      expect([simulation.underWay, balancer.inFlight, simulation.wheel.size]).toEqual([0, 0, 0]);
      for (const server of servers) expect([server.callers, server.load.inFlight]).toEqual([0, 0]);
      expect(Object.keys(errorsOf(simulation))).toContain("left");
      expect(measurements.retries).toBeGreaterThan(0);
      expect(measurements.ejections).toBeGreaterThan(0);
    }
  });

  test("meets the same clients whatever the policy", () => {
    const clients = (retries: number, mostUnderWay: number) => {
      const seen = new Map<number, string>();
      const onTry: SimulationDeps["onTry"] = ({ ordinal, workMs, isIdempotent }) =>
        seen.set(ordinal, `${ordinal} ${workMs} ${isIdempotent}`);
      const retry = { retries, retryOn: ["connect", "reset"] } as const;
      const simulation = played(rough, { backends: 10, retry }, { onTry, mostUnderWay });
      return { arrived: simulation.arrived, seen };
    };
    const all = clients(2, 1_000_000);
    const few = clients(0, 10);
    expect(few.arrived).toBe(all.arrived);
    expect(few.seen.size).toBeLessThan(all.seen.size);
    for (const [ordinal, client] of few.seen) expect(all.seen.get(ordinal) ?? client).toBe(client);
  });

  test("says so, and does not run for ever, if a request is lost", () => {
    const policy = samplePolicy({ backends: 1, timeoutMs: 0, checkIntervalMs: undefined });
    const scenario = { ...CALM, requestsPerSecond: 1_000, durationMs: 10 };
    const simulation = new Simulation(policy, scenario);
    for (const server of simulation.servers) server.finish = () => {};
    expect(() => {
      while (simulation.step());
    }).toThrow(/requests are under way, and nothing is to come/);
  });

  test("lets in no more than it may", () => {
    let most = 0;
    const policy = samplePolicy({ backends: 1 });
    const scenario = { ...CALM, requestsPerSecond: 1_000, durationMs: 5_000 };
    const simulation = new Simulation(policy, scenario, { mostUnderWay: 5 });
    while (simulation.step()) most = Math.max(most, simulation.underWay);
    expect(most).toBe(5);
    const turnedAway = simulation.measurements.errors("turnedAway");
    expect(turnedAway).toBeGreaterThan(100);
    expect(simulation.measurements.latency.count + turnedAway).toBe(simulation.arrived);
  });
});

describe("what clients meet", () => {
  const steady = { distribution: "constant", requestsPerSecond: 20, durationMs: 10_000 } as const;

  test("a time-out, as coarse as the wheel", () => {
    const simulation = played({ ...steady, serviceMs: 1_000, concurrency: 1_000 }, { timeoutMs: 200 });
    expect(errorsOf(simulation)).toEqual({ timedOut: simulation.arrived });
    const { latency } = simulation.measurements;
    expect(latency.quantileMs(0)).toBeGreaterThanOrEqual(200);
    expect(latency.longestMs).toBeLessThanOrEqual(300);
  });

  test("the end of their patience, at its moment", () => {
    const simulation = played({ ...steady, serviceMs: 1_000, concurrency: 1_000, patienceMs: 300 });
    expect(errorsOf(simulation)).toEqual({ left: simulation.arrived });
    const { latency } = simulation.measurements;
    expect([latency.quantileMs(0), latency.longestMs].map(Math.round)).toEqual([300, 300]);
  });

  test("an error that the backend answers, once for each request", () => {
    const simulation = played({ ...steady, errors: 1 });
    expect(errorsOf(simulation)).toEqual({ answered500: simulation.arrived });
    expect(simulation.measurements.retries).toBe(0);
    const other = played({ ...steady, unavailable: 1 }, { checkIntervalMs: undefined });
    expect(errorsOf(other)).toEqual({ answered503: other.arrived });
  });

  test("no backend, once all have refused a connection, until they are tried again", () => {
    const simulation = played(
      { ...steady, durationMs: 100_000, refusals: 1 },
      { backends: 2, checkIntervalMs: undefined },
    );
    const { noBackend = 0, noAnswer = 0 } = errorsOf(simulation);
    expect(noBackend + noAnswer).toBe(simulation.arrived);
    // Each is out for ten seconds, and then found out again by one of the next requests.
    expect(simulation.measurements.ejections).toBeGreaterThanOrEqual(18);
    expect(simulation.measurements.ejections).toBeLessThanOrEqual(20);
    expect(noAnswer).toBeLessThanOrEqual(20);
  });
});

describe("checks", () => {
  function watched(checkIntervalMs: number) {
    const policy = samplePolicy({ backends: 2, checkIntervalMs });
    const simulation = new Simulation(policy, { ...CALM, requestsPerSecond: 1, durationMs: 3_600_000 });
    const [first] = simulation.balancer.pool.members;
    const passes = (ms: number) => {
      const untilMs = simulation.time.nowMs() + ms;
      while (simulation.time.nowMs() < untilMs && simulation.step());
    };
    return { simulation, passes, state: () => first?.state };
  }

  test("are made of everybody at the start, find a crash within an interval, and the restart too", () => {
    const { simulation, passes, state } = watched(10_000);
    expect(state()).toBe(State.unchecked);
    passes(1);
    expect(state()).toBe(State.up);
    simulation.servers[0]?.crash();
    passes(11_100);
    expect(state()).toBe(State.down);
    simulation.servers[0]?.restart();
    passes(11_100);
    expect(state()).toBe(State.up);
  });

  test("are made within a second of what live traffic found out", () => {
    const { simulation, passes, state } = watched(600_000);
    passes(1_000);
    simulation.servers[0]?.crash();
    // One request a second, every second one to it.
    passes(60_000);
    expect(state()).toBe(State.down);
    simulation.servers[0]?.restart();
    passes(600_000 * 1.1);
    expect(state()).toBe(State.up);
    simulation.servers[0]?.crash();
    while (state() === State.up && simulation.step());
    simulation.servers[0]?.restart();
    passes(1_001 + 10);
    expect(state()).toBe(State.up);
  });

  test("go on for those who stay and begin for those who come when the membership changes", () => {
    const { simulation, passes } = watched(1_000);
    const specs = samplePolicy({ backends: 2 }).balancer.backends;
    passes(10);
    simulation.setBackends(specs.slice(1));
    passes(5_000);
    expect(simulation.balancer.pool.members.map(({ state }) => state)).toEqual([State.up]);
    simulation.servers[0]?.crash();
    simulation.setBackends(specs);
    passes(5_000);
    expect(simulation.balancer.pool.members.map(({ state }) => state)).toEqual([State.down, State.up]);
  });
});
