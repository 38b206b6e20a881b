/** Requests that lose their backend, or never get one, in the middle of things. */
import { describe, expect, test } from "bun:test";
import { request } from "../raw/client.ts";
import { answer, statuses, VirtualFront } from "./virtual-front.ts";

const GET = request("GET", "/");

function chunk(fill: string, length: number): string {
  return `${length.toString(16)}\r\n${fill.repeat(length)}\r\n`;
}

const PUT = request("PUT", "/", ["Transfer-Encoding: chunked"]);
const FIRST = chunk("1", 40_000);
const SECOND = chunk("2", 40_000);
const LAST = "0\r\n\r\n";

/** What came after the head. */
function bodyOf({ written }: { written: string }): string {
  return written.slice(written.indexOf("\r\n\r\n") + 4);
}

describe("a body that comes on while its request is between two connections reaches the second one whole", () => {
  test("after a kept one was lost", async () => {
    const front = await VirtualFront.start();
    const client = front.client();
    client.receive(GET);
    const kept = front.backend();
    kept.receive(answer("ok"));
    kept.written = "";
    client.receive(PUT + FIRST);
    expect(bodyOf(kept)).toBe(FIRST);
    kept.lose();
    const next = front.dialling();
    client.receive(SECOND);
    client.receive(LAST);
    next.open();
    expect(bodyOf(next)).toBe(FIRST + SECOND + LAST);
    next.receive(answer("ok"));
    expect(statuses(client)).toEqual([200, 200]);
  });

  test("after a backend was lost", async () => {
    const front = await VirtualFront.start({ backends: 2 });
    const client = front.client();
    client.receive(PUT + FIRST);
    const lost = front.backend();
    expect(bodyOf(lost)).toBe(FIRST);
    lost.lose();
    const next = front.dialling();
    client.receive(SECOND);
    client.receive(LAST);
    next.open();
    expect(bodyOf(next)).toBe(FIRST + SECOND + LAST);
  });

  test("after one that was gone before anything was written", async () => {
    const front = await VirtualFront.start({ transport: { maxOpen: 1 } });
    const [first, second] = [front.client(), front.client()];
    first.receive(GET);
    const kept = front.backend();
    second.receive(PUT + chunk("1", 10_000));
    second.receive(chunk("2", 70_000));
    // It answers, and takes nothing more; nobody was told so far.
    kept.isShut = true;
    kept.receive(answer("ok"));
    const next = front.backend();
    second.receive(LAST);
    expect(bodyOf(next)).toBe(chunk("1", 10_000) + chunk("2", 70_000) + LAST);
  });

  test("but is not sent twice once too much of it is gone", async () => {
    const front = await VirtualFront.start({ backends: 2 });
    const client = front.client();
    client.receive(PUT + FIRST);
    const lost = front.backend();
    client.receive(SECOND);
    lost.lose();
    expect([statuses(client), client.isShut, front.dialled]).toEqual([[502], true, 1]);
  });
});

describe("a request that waits for a connection", () => {
  /** A front whose one connection is in use, and a client that waits for it. */
  async function waiting(bytes: string) {
    const front = await VirtualFront.start({ transport: { maxOpen: 1 }, timeoutMs: 10_000 });
    const first = front.client();
    first.receive(GET);
    const backend = front.backend();
    backend.receive("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    const client = front.client();
    client.receive(bytes);
    expect(front.balancer.status().inFlight).toBe(2);
    return { front, backend, client, answerFirst: () => backend.receive("ok") };
  }

  test("is forgotten when its client leaves", async () => {
    const { front, backend, client, answerFirst } = await waiting(GET);
    client.lose();
    expect(front.balancer.status().inFlight).toBe(1);
    const { written } = backend;
    answerFirst();
    expect([backend.written, front.dialled, front.balancer.status().inFlight]).toEqual([written, 1, 0]);
  });

  test("is answered when that takes too long", async () => {
    const { front, client } = await waiting(GET);
    front.clock.advance(11_000);
    expect(statuses(client)).toEqual([504]);
    expect(front.balancer.status().inFlight).toBe(1);
  });

  test("is answered when its body turns out to be none", async () => {
    const { front, client } = await waiting(`${PUT}5\r\nhe`);
    client.receive("llo!");
    expect([statuses(client), client.isShut]).toEqual([[400], true]);
    expect(front.balancer.status().inFlight).toBe(1);
  });

  test("is sent with what came of its body meanwhile", async () => {
    const { backend, client, answerFirst } = await waiting(`${PUT}5\r\nhe`);
    client.receive("llo\r\n");
    backend.written = "";
    answerFirst();
    client.receive(LAST);
    expect(bodyOf(backend)).toBe(`5\r\nhello\r\n${LAST}`);
  });
});

describe("a client that takes nothing", () => {
  test("is let go of when there is no answer after the interim one", async () => {
    const front = await VirtualFront.start({ retries: 0 });
    const client = front.client();
    client.room = 0;
    client.receive(GET);
    const backend = front.backend();
    backend.receive("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n");
    backend.lose();
    expect([statuses(client), client.isDestroyed]).toEqual([[103], true]);
    expect(front.balancer.status().inFlight).toBe(0);
  });

  test("holds the backend up at once, and gets all in its order later", async () => {
    const front = await VirtualFront.start();
    const client = front.client();
    client.room = 0;
    client.receive(GET + GET);
    const backend = front.backend();
    backend.receive("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none");
    expect([backend.isPaused, statuses(client)]).toEqual([true, [103]]);
    // What was under way still comes.
    backend.receive("two");
    client.drain(0);
    expect(statuses(client)).toEqual([103, 200]);
    client.drain(0);
    client.drain(0);
    expect(client.written).toEndWith("\r\n\r\nonetwo");
    client.drain();
    backend.receive(answer("three"));
    expect(client.written).toEndWith("\r\n\r\nthree");
    expect(statuses(client)).toEqual([103, 200, 200]);
  });
});

describe("a connection that is another protocol's", () => {
  const UPGRADE = request("GET", "/", ["Connection: Upgrade", "Upgrade: x"]);
  const SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";

  test("passes everything on before it passes its end on", async () => {
    const front = await VirtualFront.start();
    const client = front.client();
    client.receive(UPGRADE);
    const backend = front.backend();
    backend.receive(SWITCHED);
    expect(client.written).toBe(
      SWITCHED.replace("Connection: Upgrade\r\nUpgrade: x\r\n", "Upgrade: x\r\nConnection: Upgrade\r\n"),
    );
    backend.written = "";
    backend.room = 0;
    client.receive("one");
    client.receive("two");
    client.end();
    expect([backend.written, backend.isShut]).toEqual(["one", false]);
    backend.drain();
    expect([backend.written, backend.isShut]).toEqual(["onetwo", true]);
    backend.receive("three");
    expect(client.written).toEndWith("\r\n\r\nthree");
  });

  test("holds each side up while the other takes nothing, and gives up in the end", async () => {
    const front = await VirtualFront.start({ front: { writeTimeoutMs: 10_000 } });
    const client = front.client();
    client.receive(UPGRADE);
    const backend = front.backend();
    backend.receive(SWITCHED);
    backend.room = 0;
    client.receive("one");
    expect(client.isPaused).toBe(true);
    backend.drain();
    expect(client.isPaused).toBe(false);
    client.room = 0;
    backend.receive("two");
    expect(backend.isPaused).toBe(true);
    client.drain();
    expect(backend.isPaused).toBe(false);
    front.clock.advance(3_600_000);
    expect(client.isClosed).toBe(false);
    client.room = 0;
    backend.receive("three");
    front.clock.advance(11_000);
    expect([client.isDestroyed, backend.isDestroyed]).toEqual([true, true]);
  });
});
