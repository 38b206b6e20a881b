/**
 * Everything that can happen on the connections of a front, in any order: bytes that come in pieces, sockets that
 * take so many and no more, connections that are lost. No order may mix anything up.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { VirtualFront } from "./virtual-front.ts";
import { type Event, VirtualWorld } from "./virtual-world.ts";

const YEAR_MS = 365 * 24 * 3_600_000;

const amount = fc.oneof(fc.nat(40), fc.nat(2_000), fc.nat(200_000));
const event: fc.Arbitrary<Event> = fc.record({
  // Mostly things go on.
  kind: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom("sends" as const, "answers" as const, "opens" as const) },
    { weight: 5, arbitrary: fc.constantFrom("drains" as const, "drains backend" as const, "time" as const) },
    { weight: 2, arbitrary: fc.constant("lost" as const) },
    { weight: 1, arbitrary: fc.constantFrom("left" as const, "ended" as const) },
  ),
  who: fc.nat(11),
  amount,
});

test("no order of events mixes messages up, cuts them, or leaves anything behind", async () => {
  const property = fc.asyncProperty(
    fc.nat(),
    fc.integer({ min: 1, max: 8 }),
    fc.array(event, { maxLength: 400, size: "max" }),
    async (seed, maxOpen, events) => {
      const front = await VirtualFront.start({
        backends: 2,
        retries: 8,
        timeoutMs: 0,
        transport: { maxOpen, connectTimeoutMs: YEAR_MS },
        front: {
          headTimeoutMs: YEAR_MS,
          bodyTimeoutMs: YEAR_MS,
          keepAliveMs: YEAR_MS,
          writeTimeoutMs: YEAR_MS,
        },
      });
      const world = new VirtualWorld(front, seed, 4, 6);
      for (const happening of events) world.happen(happening);
      world.finish();
      expect(world.ledger.mixUps).toEqual([]);
      // Clients that sent nothing more are found to have left by the clock.
      front.clock.advance(5_000);
      expect(front.balancer.status().inFlight).toBe(0);
    },
  );
  await fc.assert(property, { numRuns: 300 });
});
