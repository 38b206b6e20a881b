import { describe, expect, test } from "bun:test";
import { request } from "../raw/client.ts";
import { answer, BACKENDS, DUE_MS, HEDGE_MS, hedged, none } from "./hedged.ts";
import { ScriptedFront } from "./scripted-front.ts";

describe("a request that is not answered for a while", () => {
  test("goes to a second backend as well, not before", async () => {
    const front = await ScriptedFront.listen({}, { backends: BACKENDS, hedge: { afterMs: HEDGE_MS } });
    const client = front.client();
    client.receive(request("GET", "/", ["X-A: 1"]));
    const first = front.backend();
    front.clock.advance(HEDGE_MS - 1);
    expect(() => front.next()).toThrow("no other connection was made");
    front.clock.advance(5);
    expect(front.backend().taken()).toBe(first.taken());
  });

  test("gets the first one's answer if that comes first, and the second try is given up", async () => {
    const { client, first, second, status } = await hedged();
    first.receive(answer(200, "one"));
    expect(client.taken()).toBe(answer(200, "one"));
    expect([first.done, second.done]).toEqual([[], ["destroy"]]);
    expect(status()).toMatchObject({
      ...none,
      backends: [
        { requests: 1, failures: 0, cancelled: 0 },
        { requests: 1, failures: 0, cancelled: 1, alive: true },
        { requests: 0 },
      ],
    });
  });

  test("gets the second one's answer if that comes first, and the first try is given up", async () => {
    const { front, client, first, second, status } = await hedged();
    second.receive(answer(200, "two"));
    expect(client.taken()).toBe(answer(200, "two"));
    expect([first.done, second.done]).toEqual([["destroy"], []]);
    expect(status()).toMatchObject({
      ...none,
      backends: [{ failures: 0, cancelled: 1, alive: true }, { failures: 0, cancelled: 0 }, {}],
    });
    // Its connection is used again: by the client's next request but one, round and round.
    for (const path of ["/2", "/3", "/4"]) client.receive(request("GET", path));
    front.backend().receive(answer(200));
    front.backend().receive(answer(200));
    expect(second.taken()).toContain("GET /4 ");
  });

  test("has its answer passed on as it comes, also the second one's", async () => {
    for (const index of [0, 1]) {
      const { client, first, second, status } = await hedged();
      const backend = [first, second][index] as typeof first;
      const other = [second, first][index] as typeof first;
      backend.receive("HTTP/1.1 200 X\r\nDate: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
      expect(client.taken()).toEndWith("3\r\none\r\n");
      expect(other.isOpen).toBe(false);
      expect(status().inFlight).toBe(1);
      client.fills = true;
      backend.receive("3\r\ntwo\r\n");
      expect(backend.isPaused).toBe(true);
      client.drain();
      expect(backend.isPaused).toBe(false);
      backend.receive("0\r\n\r\n");
      expect(client.taken()).toBe("3\r\ntwo\r\n0\r\n\r\n");
      expect(status()).toMatchObject(none);
    }
  });

  test("is broken off if the answer that came first breaks, whoever's it is", async () => {
    for (const index of [0, 1]) {
      const { client, first, second, status } = await hedged();
      const backend = [first, second][index] as typeof first;
      backend.receive("HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\nhalf");
      expect(client.isOpen).toBe(true);
      backend.lose();
      expect(client.done).toEqual(["destroy"]);
      expect(status()).toMatchObject(none);
      expect(status().backends[index]).toMatchObject({ failures: 1, cancelled: 0 });
      expect(status().backends[1 - index]).toMatchObject({ failures: 0, cancelled: 1 });
    }
  });

  test("goes on at the one while the other fails, and at a third when both have", async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const { front, client, first, second, status } = await hedged();
      const backends = order.map((index) => [first, second][index] as typeof first);
      backends[0]?.lose();
      expect(client.taken()).toBe("");
      expect(status().inFlight).toBe(1);
      expect(() => front.next()).toThrow("no other connection was made");
      backends[1]?.lose();
      front.backend().receive(answer(200, "three"));
      expect(client.taken()).toBe(answer(200, "three"));
      expect(status()).toMatchObject(none);
    }
  });

  test("gets the answer of the one after the other has failed", async () => {
    for (const [failing, answering] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const { client, first, second, status } = await hedged();
      const backends = [first, second];
      backends[failing]?.lose();
      backends[answering]?.receive(answer(200, "ok"));
      expect(client.taken()).toBe(answer(200, "ok"));
      expect(status()).toMatchObject(none);
      expect(status().backends[failing]).toMatchObject({ failures: 1, cancelled: 0 });
      expect(status().backends[answering]).toMatchObject({ failures: 0, cancelled: 0 });
    }
  });

  test("is tried no more often than it may be: once more than without", async () => {
    const { front, client, first, second, status } = await hedged(request("GET", "/"), { retries: 1 });
    first.lose();
    second.lose();
    front.backend().lose();
    expect(client.taken()).toStartWith("HTTP/1.1 502 ");
    front.clock.advance(1_000);
    expect(() => front.next()).toThrow("no other connection was made");
    expect(status()).toMatchObject(none);
  });

  test("is answered 504 when neither was in time", async () => {
    const config = { tryTimeoutMs: 1_000, timeoutMs: 1_200, retries: 0 };
    const { front, client, first, second, status } = await hedged(request("GET", "/"), config);
    front.clock.advance(1_050 - DUE_MS);
    expect([first.isOpen, second.isOpen, client.taken()]).toEqual([false, true, ""]);
    front.clock.advance(200);
    expect(client.taken()).toStartWith("HTTP/1.1 504 ");
    expect(second.isOpen).toBe(false);
    expect(status()).toMatchObject({ ...none, backends: [{ failures: 1 }, { failures: 1 }, {}] });
  });

  test("has no more time than it had before, also for the second one's answer", async () => {
    const { front, client, second, status } = await hedged(request("GET", "/"), { requestTimeoutMs: 1_000 });
    second.receive("HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\nhalf");
    front.clock.advance(999 - DUE_MS);
    expect(client.isOpen).toBe(true);
    front.clock.advance(101);
    expect([client.done, second.done]).toEqual([["destroy"], ["destroy"]]);
    expect(status()).toMatchObject(none);
  });

  test("is over when its client leaves, at both backends, whichever has failed before", async () => {
    for (const failed of [undefined, 0, 1]) {
      const { front, client, first, second, status } = await hedged();
      if (failed !== undefined) [first, second][failed]?.lose();
      client.lose();
      expect([first.isOpen, second.isOpen]).toEqual([false, false]);
      expect(status()).toMatchObject(none);
      front.clock.advance(1_000);
      expect(() => front.next()).toThrow("no other connection was made");
    }
  });

  test("is over when its client leaves while the second one's answer comes", async () => {
    const { client, second, status } = await hedged();
    second.receive("HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\nhalf");
    client.lose();
    expect(second.done).toEqual(["destroy"]);
    expect(status()).toMatchObject({ ...none, backends: [{ failures: 0 }, { failures: 0 }, {}] });
  });

  test("leaves nothing behind for the next one on its connection", async () => {
    const { front, client, second, status } = await hedged(request("GET", "/1") + request("GET", "/2"));
    second.receive(answer(200, "1"));
    expect(client.taken()).toBe(answer(200, "1"));
    const third = front.backend();
    expect(third.taken()).toStartWith("GET /2 ");
    front.clock.advance(DUE_MS);
    // To the first backend again: its connection was closed.
    const again = front.backend();
    expect(again.taken()).toStartWith("GET /2 ");
    again.receive(answer(200, "2"));
    expect(client.taken()).toBe(answer(200, "2"));
    expect(status()).toMatchObject(none);
  });

  test("may wait for a connection at either backend", async () => {
    const hedge = { afterMs: HEDGE_MS };
    const front = await ScriptedFront.listen({}, { backends: BACKENDS, hedge }, { maxOpen: 1 });
    const busy = front.client();
    busy.receive(request("GET", "/busy"));
    const first = front.backend();
    first.receive("HTTP/1.1 200 X\r\nContent-Length: 1\r\n\r\n");
    for (const path of ["/2", "/3"]) {
      const other = front.client();
      other.receive(request("GET", path));
      front.backend().receive("HTTP/1.1 200 X\r\nContent-Length: 1\r\n\r\n");
    }
    const client = front.client();
    client.receive(request("GET", "/"));
    front.clock.advance(DUE_MS);
    expect(front.balancer.status().inFlight).toBe(5);
    client.lose();
    expect(front.balancer.status().inFlight).toBe(3);
    first.receive("x");
    expect(first.taken()).not.toContain("GET / ");
  });
});
