import { describe, expect, test } from "bun:test";
import { request } from "../raw/client.ts";
import { answer, hedged, none } from "./hedged.ts";

describe("an answer with a status that is tried again", () => {
  const retryOn = ["connect", "reset", 503] as const;

  test("loses to the other try, which goes on", async () => {
    for (const index of [0, 1]) {
      const { client, first, second, status } = await hedged(request("GET", "/"), { retryOn, retries: 0 });
      const backend = [first, second][index] as typeof first;
      const other = [second, first][index] as typeof first;
      backend.receive(answer(503, "no"));
      expect(client.taken()).toBe("");
      expect(backend.isOpen).toBe(true);
      expect(status().inFlight).toBe(1);
      other.receive(answer(200, "yes"));
      expect(client.taken()).toBe(answer(200, "yes"));
      expect(status()).toMatchObject(none);
      expect(status().backends[index]).toMatchObject({ failures: 1, cancelled: 0 });
    }
  });

  test("that is not whole loses its connection as well", async () => {
    for (const index of [0, 1]) {
      const { client, first, second } = await hedged(request("GET", "/"), { retryOn });
      const backend = [first, second][index] as typeof first;
      const other = [second, first][index] as typeof first;
      backend.receive("HTTP/1.1 503 X\r\nContent-Length: 10\r\n\r\nhalf");
      expect([backend.done, other.done]).toEqual([["destroy"], []]);
      other.receive(answer(200));
      expect(client.taken()).toBe(answer(200));
    }
  });

  test("is followed by a third try if both give one, and by none if there may be none", async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      for (const retries of [0, 1]) {
        const { front, client, first, second, status } = await hedged(request("GET", "/"), {
          retryOn,
          retries,
        });
        const backends = order.map((index) => [first, second][index] as typeof first);
        backends[0]?.receive(answer(503, "no"));
        backends[1]?.receive(answer(503, "neither"));
        if (retries === 0) {
          expect(client.taken()).toBe(answer(503, "neither"));
        } else {
          front.backend().receive(answer(200, "yes"));
          expect(client.taken()).toBe(answer(200, "yes"));
        }
        expect(status()).toMatchObject(none);
      }
    }
  });

  test("is followed by another if the other try has failed before, or fails after", async () => {
    for (const [index, isBefore] of [
      [0, true],
      [0, false],
      [1, true],
      [1, false],
    ] as const) {
      const { front, client, first, second, status } = await hedged(request("GET", "/"), { retryOn });
      const answering = [first, second][index] as typeof first;
      const failing = [second, first][index] as typeof first;
      if (isBefore) failing.lose();
      answering.receive(answer(503, "no"));
      if (!isBefore) failing.lose();
      front.backend().receive(answer(200, "yes"));
      expect(client.taken()).toBe(answer(200, "yes"));
      expect(status()).toMatchObject(none);
    }
  });
});
