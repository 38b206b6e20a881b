import { expect, test } from "bun:test";
import { isGatewayFailure, Outcome, outcomeOf } from "../../src/core/outcome.ts";

test.each([
  [101, Outcome.ok],
  [200, Outcome.ok],
  [304, Outcome.ok],
  [404, Outcome.ok],
  [499, Outcome.ok],
  [500, Outcome.serverError],
  [501, Outcome.serverError],
  [502, Outcome.gatewayError],
  [503, Outcome.gatewayError],
  [504, Outcome.gatewayError],
  [505, Outcome.serverError],
  [999, Outcome.serverError],
])("an answer with %d", (status, outcome) => {
  expect(outcomeOf(status)).toBe(outcome);
});

test("a gateway failure is every failure but an error of the application's", () => {
  const judged = Object.entries(Outcome).filter(([, outcome]) => isGatewayFailure(outcome));
  expect(judged.map(([name]) => name)).toEqual([
    "connectFailed",
    "reset",
    "timedOut",
    "malformed",
    "bodyBroken",
    "gatewayError",
  ]);
});
