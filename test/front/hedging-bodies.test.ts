import { describe, expect, test } from "bun:test";
import { request } from "../raw/client.ts";
import { answer, BACKENDS, DUE_MS, HEDGE_MS, hedged, none } from "./hedged.ts";
import { ScriptedFront } from "./scripted-front.ts";
import { OFFER } from "./upgrade-stage.ts";

describe("what is sent to two backends at once", () => {
  test("has the whole body with it", async () => {
    for (const body of ["short", "x".repeat(60_000)]) {
      const put = request("PUT", "/", [`Content-Length: ${body.length}`]);
      const { first, second } = await hedged(put + body);
      expect(second.taken()).toBe(first.taken());
    }
  });

  test("has it also if the second backend takes it piece by piece, and the first one has not taken it", async () => {
    const hedge = { afterMs: HEDGE_MS };
    const front = await ScriptedFront.listen({}, { backends: BACKENDS, hedge });
    const client = front.client();
    client.receive(request("PUT", "/", ["Content-Length: 40000"]));
    const first = front.next();
    first.fills = true;
    first.events.opened();
    for (let count = 0; count < 4; count++) client.receive("x".repeat(10_000));
    front.clock.advance(DUE_MS);
    const second = front.next();
    second.fills = true;
    second.events.opened();
    let body = second.taken();
    for (let drains = 0; drains < 4; drains++) {
      expect(body).not.toEndWith("x".repeat(40_000));
      second.drain(true);
      body += second.taken();
    }
    expect(body).toEndWith(`\r\n\r\n${"x".repeat(40_000)}`);
    second.drain();
    // The first backend still holds the client up, and nothing more.
    expect(client.isPaused).toBe(true);
    second.receive(answer(200, "ok").slice(0, -1));
    expect(client.isPaused).toBe(false);
    second.receive("k");
    expect(client.taken()).toBe(answer(200, "ok"));
    expect([first.done, second.done]).toEqual([["destroy"], []]);
  });

  test("is sent whole again if the second one's kept connection turns out dead", async () => {
    const hedge = { afterMs: HEDGE_MS };
    const front = await ScriptedFront.listen({}, { backends: BACKENDS.slice(0, 2), hedge });
    const client = front.client();
    for (const path of ["/1", "/2"]) {
      client.receive(request("GET", path));
      front.backend().receive(answer(200));
    }
    const [, kept] = front.connected;
    client.taken();
    client.receive(`${request("PUT", "/3", ["Content-Length: 20000"])}${"x".repeat(20_000)}`);
    front.clock.advance(DUE_MS);
    const sent = kept?.taken() ?? "";
    expect(sent).toEndWith(`\r\n\r\n${"x".repeat(20_000)}`);
    kept?.lose();
    const fresh = front.backend();
    expect(sent).toEndWith(fresh.taken());
    fresh.receive(answer(200, "ok"));
    expect(client.taken()).toBe(answer(200, "ok"));
    expect(front.balancer.status()).toMatchObject({
      ...none,
      backends: [
        { requests: 2, cancelled: 1 },
        { requests: 2, failures: 0 },
      ],
    });
  });

  test.each([
    ["a POST", request("POST", "/", ["Content-Length: 0"])],
    ["a PATCH", `${request("PATCH", "/", ["Content-Length: 1"])}x`],
    ["a body that is still coming", `${request("PUT", "/", ["Content-Length: 2"])}x`],
    [
      "a body of which more was sent than is kept",
      `${request("PUT", "/", ["Content-Length: 70000"])}${"x".repeat(70_000)}`,
    ],
    ["an offer to switch protocols", OFFER],
  ])("is not %s", async (_, bytes) => {
    const hedge = { afterMs: HEDGE_MS };
    const front = await ScriptedFront.listen({}, { backends: BACKENDS, hedge });
    front.client().receive(bytes);
    front.backend();
    front.clock.advance(10 * HEDGE_MS);
    expect(() => front.next()).toThrow("no other connection was made");
    expect(front.balancer.status().inFlight).toBe(1);
  });

  test("is nothing whose answer has begun", async () => {
    const front = await ScriptedFront.listen({}, { backends: BACKENDS, hedge: { afterMs: HEDGE_MS } });
    front.client().receive(request("GET", "/"));
    front.backend().receive("HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\n");
    front.clock.advance(10 * HEDGE_MS);
    expect(() => front.next()).toThrow("no other connection was made");
  });

  test("is nothing of a client that has left", async () => {
    const front = await ScriptedFront.listen({}, { backends: BACKENDS, hedge: { afterMs: HEDGE_MS } });
    const client = front.client();
    client.receive(request("GET", "/"));
    front.backend();
    client.lose();
    front.clock.advance(10 * HEDGE_MS);
    expect(() => front.next()).toThrow("no other connection was made");
  });

  test("is a POST's successor only at its own time", async () => {
    const front = await ScriptedFront.listen({}, { backends: BACKENDS, hedge: { afterMs: HEDGE_MS } });
    const client = front.client();
    client.receive(request("GET", "/1"));
    front.backend().receive(answer(200));
    front.clock.advance(HEDGE_MS / 2);
    client.receive(request("POST", "/2", ["Content-Length: 0"]));
    front.backend();
    front.clock.advance(10 * HEDGE_MS);
    expect(() => front.next()).toThrow("no other connection was made");
  });
});
