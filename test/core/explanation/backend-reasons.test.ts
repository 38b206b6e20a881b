/** Why a backend is out, for how long it has been and will be. */
import { describe, expect, test } from "bun:test";
import { explainPool } from "../../../src/core/explanation/pool-verdict.ts";
import { Outcome } from "../../../src/core/outcome.ts";
import { A, BASE, BREAKER, EJECTION, fail, reasons, setUp } from "./stage.ts";

describe("a backend that is out", () => {
  test("by a check says since when and why", () => {
    const { balancer, clock, a } = setUp();
    balancer.health.checked(a, false, "GET /health answered 503", clock.nowMs());
    clock.advance(12_340);
    expect(reasons(explainPool(balancer, "", ""))[0]).toBe("down for 12.3 s: GET /health answered 503");
  });

  test("since nothing could connect says so, and when it is tried again where no check would do it", () => {
    const checked = setUp();
    fail(checked.balancer, checked.a, Outcome.connectFailed, "connection refused");
    checked.clock.advance(1_000);
    expect(reasons(explainPool(checked.balancer, "", ""))[0]).toBe("down for 1.0 s: connection refused");
    const unchecked = setUp({ health: { rise: 1, fall: 1, checked: false } });
    fail(unchecked.balancer, unchecked.a, Outcome.connectFailed, "connection refused");
    unchecked.clock.advance(1_800);
    expect(reasons(explainPool(unchecked.balancer, "", ""))[0]).toBe(
      "unreachable, tried again in 8.2 s: connection refused",
    );
    unchecked.clock.advance(8_200);
    expect(reasons(explainPool(unchecked.balancer, "", ""))[0]).toBe("it is its turn");
  });

  test("by ejection says for how long", () => {
    const { balancer, clock, a } = setUp({ outlierDetection: EJECTION });
    for (let failure = 0; failure < 2; failure++) fail(balancer, a, Outcome.timedOut, "no answer");
    clock.advance(7_900);
    const { backends } = explainPool(balancer, "", "");
    expect(backends[0]).toMatchObject({
      state: "ejected",
      score: null,
      chance: 0,
      reason: "ejected for 22.1 s more: 2 gateway failures in a row",
    });
  });

  test("by its circuit says for how long, and then that its probes are under way", () => {
    const { balancer, clock, a } = setUp({ circuitBreaker: BREAKER, outlierDetection: false });
    for (let failure = 0; failure < 2; failure++) fail(balancer, a, Outcome.timedOut, "no answer");
    clock.advance(1_000);
    expect(reasons(explainPool(balancer, "", ""))[0]).toBe(
      "its circuit is open for 4.0 s more: 2 of 2 requests failed",
    );
    clock.advance(4_000);
    expect(explainPool(balancer, "", "").backends[0]).toMatchObject({ state: "half-open" });
    balancer.begin(a, clock.nowMs());
    expect(reasons(explainPool(balancer, "", ""))[0]).toBe(
      "its circuit is half-open, and all probes are under way",
    );
  });

  test("by draining says what it has left; of several reasons it says all", () => {
    const { balancer, clock, a } = setUp();
    balancer.begin(a);
    balancer.setBackends([{ origin: A, weight: 1, tier: 0, drain: true }, ...BASE.backends.slice(1)]);
    expect(reasons(explainPool(balancer, "", ""))[0]).toBe("draining: it finishes the 1 under way");
    balancer.health.checked(a, false, "no answer", clock.nowMs());
    expect(reasons(explainPool(balancer, "", ""))[0]).toBe(
      "draining: it finishes the 1 under way; down for 0.0 s: no answer",
    );
  });
});
