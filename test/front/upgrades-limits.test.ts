import { describe, expect, test } from "bun:test";
import type { ScriptedSocket } from "../simulation/scripted-sockets.ts";
import { ScriptedFront } from "./scripted-front.ts";
import { OFFER, SWITCHED } from "./upgrade-stage.ts";

/** A tunnel through the front. */
async function tunnel(): Promise<[ScriptedFront, client: ScriptedSocket, backend: ScriptedSocket]> {
  const front = await ScriptedFront.listen({ writeTimeoutMs: 30_000, bodyTimeoutMs: 20_000 });
  const client = front.client();
  client.receive(OFFER);
  const backend = front.backend();
  backend.taken();
  backend.receive(SWITCHED);
  expect(client.taken()).toBe(
    SWITCHED.replace("Connection: Upgrade\r\n", "").replace("tcp\r\n", "tcp\r\nConnection: Upgrade\r\n"),
  );
  return [front, client, backend];
}

describe("a connection that switched protocols", () => {
  test("may be silent as long as both sides are there, of which the system makes sure", async () => {
    const [front, client, backend] = await tunnel();
    expect([client.isProbed, backend.isProbed]).toEqual([true, true]);
    front.clock.advance(600_000);
    expect([client.isOpen, backend.isOpen]).toEqual([true, true]);
    client.receive("up");
    backend.receive("down");
    expect([backend.taken(), client.taken()]).toEqual(["up", "down"]);
  });

  test("holds the backend up while the client takes nothing, and loses nothing of what was on its way", async () => {
    const [, client, backend] = await tunnel();
    client.fills = true;
    backend.receive("a");
    expect(backend.isPaused).toBe(true);
    // A few bytes that were read already may still come.
    backend.receive("b");
    backend.receive("c");
    expect(client.taken()).toBe("a");
    client.drain(true);
    expect([client.taken(), backend.isPaused]).toEqual(["b", true]);
    client.drain(true);
    expect([client.taken(), backend.isPaused]).toEqual(["c", true]);
    client.drain();
    expect(backend.isPaused).toBe(false);
    backend.receive("d");
    expect(client.taken()).toBe("d");
  });

  test("holds the client up while the backend takes nothing, and loses nothing of what was on its way", async () => {
    const [, client, backend] = await tunnel();
    backend.fills = true;
    client.receive("a");
    expect(client.isPaused).toBe(true);
    client.receive("b");
    client.events.ended();
    expect(backend.taken()).toBe("a");
    backend.drain(true);
    expect([backend.taken(), client.isPaused, backend.done]).toEqual(["b", true, ["shutdown"]]);
    backend.drain();
    expect(client.isPaused).toBe(false);
  });

  test("is cut when the client takes nothing for too long", async () => {
    const [front, client, backend] = await tunnel();
    client.fills = true;
    backend.receive("a");
    front.clock.advance(29_000);
    expect(client.isOpen).toBe(true);
    client.drain(true);
    backend.receive("b");
    front.clock.advance(29_000);
    expect(client.isOpen).toBe(true);
    front.clock.advance(7_000);
    expect([client.done, backend.done]).toEqual([["destroy"], ["destroy"]]);
    expect(front.balancer.status().inFlight).toBe(0);
  });

  test("is cut when the backend takes nothing for too long", async () => {
    const [front, client, backend] = await tunnel();
    backend.fills = true;
    client.receive("a");
    front.clock.advance(29_000);
    backend.drain(true);
    client.receive("b");
    front.clock.advance(29_000);
    expect(backend.isOpen).toBe(true);
    front.clock.advance(7_000);
    expect([client.done, backend.done]).toEqual([["destroy"], ["destroy"]]);
    expect(front.balancer.status().inFlight).toBe(0);
  });

  test("waits for the backend as long as it likes once the client has ended", async () => {
    const [front, client, backend] = await tunnel();
    client.events.ended();
    expect(backend.done).toEqual(["shutdown"]);
    front.clock.advance(600_000);
    backend.receive("at last");
    backend.events.ended();
    expect([client.taken(), client.done, backend.done]).toEqual([
      "at last",
      ["close"],
      ["shutdown", "close"],
    ]);
    expect(front.balancer.status().inFlight).toBe(0);
  });

  test("waits for the client while it sends, once the backend has ended", async () => {
    const [front, client, backend] = await tunnel();
    backend.events.ended();
    expect(client.done).toEqual(["shutdown"]);
    for (let turn = 0; turn < 3; turn++) {
      front.clock.advance(15_000);
      client.receive("more");
      expect(backend.taken()).toBe("more");
    }
    front.clock.advance(26_000);
    expect([client.done, backend.done]).toEqual([["shutdown", "destroy"], ["destroy"]]);
    expect(front.balancer.status().inFlight).toBe(0);
  });

  test("is not over before the backend took all that a client sent which is gone in good order", async () => {
    const [front, client, backend] = await tunnel();
    backend.fills = true;
    client.receive("a");
    client.receive("b");
    backend.events.ended();
    client.events.ended();
    client.lose();
    expect(backend.taken()).toBe("a");
    backend.drain();
    expect([backend.taken(), backend.done]).toEqual(["b", ["shutdown", "close"]]);
    expect(front.balancer.status().inFlight).toBe(0);
  });

  test("waits for such a backend no longer than for any other", async () => {
    const [front, client, backend] = await tunnel();
    backend.fills = true;
    client.receive("a");
    client.receive("b");
    backend.events.ended();
    client.events.ended();
    client.lose();
    expect(front.balancer.status().inFlight).toBe(1);
    front.clock.advance(36_000);
    expect(backend.done).toEqual(["destroy"]);
    expect(front.balancer.status().inFlight).toBe(0);
  });

  test("tells the client of the backend's end after all that came before it", async () => {
    const [front, client, backend] = await tunnel();
    client.fills = true;
    backend.receive("a");
    backend.receive("b");
    client.events.ended();
    backend.events.ended();
    expect([client.taken(), client.done]).toEqual(["a", []]);
    expect(front.balancer.status().inFlight).toBe(0);
    client.drain();
    expect([client.taken(), client.done]).toEqual(["b", ["close"]]);
  });
});
