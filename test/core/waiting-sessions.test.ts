import { describe, expect, test } from "bun:test";
import type { Backend } from "../../src/core/backend.ts";
import type { BalancerConfig } from "../../src/core/balancer-config.ts";
import { StickTable } from "../../src/core/sticky.ts";
import { sampleSpec } from "../simulation/sample-backends.ts";
import { LATE_MS, setUp, TIMEOUT_MS, two } from "./waiting-stage.ts";

describe("a session whose backend is full", () => {
  const sticky = (queue: BalancerConfig["queue"] = { maxWaiting: 3, timeoutMs: TIMEOUT_MS }) => {
    const stickiness = new StickTable({ drainGraceMs: 60_000, maxSessions: 9, idleTimeoutMs: 600_000 });
    const made = setUp({ backends: two, stickiness, queue });
    made.come("first", 5, "s");
    made.come("second", 5, "s");
    return made;
  };

  test("waits for it, though another has room", () => {
    const { end, take, come } = sticky();
    expect(take()).toEqual(["first: 0"]);
    come("other");
    expect(take()).toEqual(["other: 1"]);
    end("other");
    expect(take()).toEqual([]);
    end("first");
    expect(take()).toEqual(["second: 0"]);
  });

  test("has its turn among those who would go anywhere, by rank and arrival", () => {
    const { end, take, come } = sticky();
    for (const name of ["b", "c"]) come(name);
    come("urgent", 0);
    end("first");
    end("urgent");
    end("second");
    expect(take()).toEqual(["first: 0", "b: 1", "urgent: 0", "second: 0", "c: 0"]);
  });

  test("moves when it has waited for as long as it may, if there is room, and stays there", () => {
    const { end, take, come, clock } = sticky();
    clock.advance(TIMEOUT_MS + LATE_MS);
    expect(take()).toEqual(["first: 0", "second: 1"]);
    end("second");
    end("first");
    come("third", 5, "s");
    expect(take()).toEqual(["third: 1"]);
  });

  test("is refused then if there is none", () => {
    const { take, come, clock } = sticky();
    come("other");
    clock.advance(TIMEOUT_MS + LATE_MS);
    expect(take()).toEqual(["first: 0", "other: 1", "second: queue-timeout"]);
  });

  test("moves at once if nobody waits, or no more may", () => {
    const without = sticky(false);
    expect(without.take()).toEqual(["first: 0", "second: 1"]);
    const { take, come } = sticky({ maxWaiting: 1, timeoutMs: 0 });
    come("third", 5, "s");
    expect(take()).toEqual(["first: 0", "third: 1"]);
  });

  test("moves at once when its backend goes out, or leaves", () => {
    for (const isRemoved of [false, true]) {
      const { take, balancer, clock } = sticky();
      if (isRemoved) balancer.setBackends([sampleSpec(1)]);
      else balancer.health.checked(balancer.pool.members[0] as Backend, false, "", clock.nowMs());
      expect(take()).toEqual(["first: 0", "second: 1"]);
    }
  });

  test("waits for one that drains and keeps its sessions, though nobody else is left", () => {
    const { end, take, come, balancer } = sticky();
    come("other");
    come("third");
    balancer.setBackends(two.map((spec) => ({ ...spec, drain: true })));
    expect(take()).toEqual(["first: 0", "other: 1", "third: no-backend"]);
    end("first");
    expect(take()).toEqual(["second: 0"]);
  });
});
