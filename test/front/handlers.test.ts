/** Handlers that do what they should not, and clients that make it hard for them. */
import { afterEach, beforeEach, describe, expect, spyOn, test } from "bun:test";
import { listenHttp1 } from "../../src/front/front.ts";
import type { Handler } from "../../src/proxy/client.ts";
import { request } from "../raw/client.ts";
import { MemorySockets } from "../simulation/memory-sockets.ts";
import { settled, VirtualClock } from "../simulation/virtual-clock.ts";
import { statuses } from "./virtual-front.ts";

let said: unknown[] = [];
let console: { mockRestore(): void };
beforeEach(() => {
  said = [];
  console = spyOn(globalThis.console, "error").mockImplementation((error) => void said.push(error));
});
afterEach(() => console.mockRestore());

/** A client of a front with this handler. */
async function clientOf(handler: Handler) {
  const sockets = new MemorySockets();
  await listenHttp1({ fetch: handler }, {}, new VirtualClock(), sockets);
  return sockets.dial();
}

const GET = request("GET", "/");
const failure = new Error("it fell over");

describe("a handler", () => {
  test.each([
    ["rejects", () => Promise.reject(failure)],
    [
      "throws",
      () => {
        throw failure;
      },
    ],
  ])("that %s is a 500, and the next request is answered", async (_, fail) => {
    let turn = 0;
    const client = await clientOf(() => (turn++ === 0 ? fail() : Promise.resolve(new Response("fine"))));
    client.receive(GET + GET);
    await settled();
    expect(statuses(client)).toEqual([500, 200]);
    expect(client.written).not.toContain("fell over");
    expect(said).toEqual([failure]);
  });

  test("that answers with no answer is a 500", async () => {
    const client = await clientOf(() => Promise.resolve(Response.error()));
    client.receive(GET);
    await settled();
    expect(statuses(client)).toEqual([500]);
  });

  test("that rejects after its client has left is heard of all the same", async () => {
    const { promise, reject } = Promise.withResolvers<Response>();
    const client = await clientOf(() => promise);
    client.receive(GET);
    client.lose();
    reject(failure);
    await settled();
    expect(said).toEqual([failure]);
  });

  test("whose body breaks has its answer cut", async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode("half"));
        controller.error(failure);
      },
    });
    const client = await clientOf(() => Promise.resolve(new Response(body)));
    client.receive(GET);
    await settled();
    expect(client.isDestroyed).toBe(true);
    expect(client.written).not.toContain("0\r\n\r\n");
  });
});

describe("a client that takes nothing", () => {
  test("gets the answer behind the 100 that it did not take, once it takes that", async () => {
    const client = await clientOf(async (asked) => new Response(`${await asked.text()}, too`));
    client.room = 0;
    client.receive(request("POST", "/", ["Expect: 100-continue", "Content-Length: 5"]));
    await settled();
    expect(statuses(client)).toEqual([100]);
    client.receive("hello");
    await settled();
    expect(statuses(client)).toEqual([100]);
    client.drain();
    await settled();
    expect(client.written).toContain("hello, too\r\n0\r\n\r\n");
    expect(said).toEqual([]);
  });

  test("holds a long body up", async () => {
    let pulls = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulls += 1;
        controller.enqueue(new Uint8Array(1_000));
        if (pulls === 100) controller.close();
      },
    });
    const client = await clientOf(() => Promise.resolve(new Response(body)));
    client.room = 5_000;
    client.receive(GET);
    for (let turn = 0; turn < 20; turn++) await settled();
    expect(pulls).toBeLessThan(10);
    client.drain();
    for (let turn = 0; turn < 20; turn++) await settled();
    expect([pulls, client.written.endsWith("0\r\n\r\n")]).toEqual([100, true]);
  });
});
