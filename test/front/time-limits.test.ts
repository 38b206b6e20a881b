/** How long a client may take, by the clock. */
import { describe, expect, test } from "bun:test";
import { request } from "../raw/client.ts";
import { answer, statuses, VirtualFront } from "./virtual-front.ts";

const SECOND = 1_000;
/** How much later than its time a limit may strike: the wheel's ticks. */
const TICKS = 500;

const GET = request("GET", "/");

describe("a head", () => {
  test("has its time from its first byte on, in however many pieces it comes", async () => {
    const front = await VirtualFront.start({ front: { headTimeoutMs: 10 * SECOND } });
    const client = front.client();
    for (const [index, byte] of [...GET].entries()) {
      client.receive(byte);
      front.clock.advance(900);
      // A byte a second never ends, and never stops.
      if (client.isShut) {
        expect(index).toBe(11);
        break;
      }
    }
    expect(statuses(client)).toEqual([408]);
    expect(client.written).toContain("\r\nconnection: close\r\n");
    expect(front.dialled).toBe(0);
  });

  test("that comes in time is read", async () => {
    const front = await VirtualFront.start({ front: { headTimeoutMs: 10 * SECOND } });
    const client = front.client();
    client.receive(GET.slice(0, 10));
    front.clock.advance(10 * SECOND - TICKS);
    client.receive(GET.slice(10));
    front.backend().receive(answer("ok"));
    expect(statuses(client)).toEqual([200]);
  });

  test("has its whole time after the answer before it", async () => {
    const front = await VirtualFront.start({ front: { headTimeoutMs: 10 * SECOND } });
    const client = front.client();
    client.receive(GET + GET.slice(0, 10));
    const backend = front.backend();
    front.clock.advance(50 * SECOND);
    backend.receive(answer("ok"));
    front.clock.advance(10 * SECOND - TICKS);
    expect([client.isShut, statuses(client)]).toEqual([false, [200]]);
    front.clock.advance(2 * TICKS);
    expect([client.isShut, statuses(client)]).toEqual([true, [200, 408]]);
  });

  test("that never begins ends the connection without a word", async () => {
    const front = await VirtualFront.start({ front: { headTimeoutMs: 10 * SECOND } });
    // Whatever time has passed before anybody connected.
    front.clock.advance(3_600 * SECOND);
    const client = front.client();
    front.clock.advance(10 * SECOND - TICKS);
    expect(client.isClosed).toBe(false);
    front.clock.advance(2 * TICKS);
    expect([client.isClosed, client.written]).toEqual([true, ""]);
  });
});

describe("a kept connection", () => {
  test("is closed when it was idle for long enough, and not before", async () => {
    const front = await VirtualFront.start({ front: { keepAliveMs: 20 * SECOND } });
    const client = front.client();
    client.receive(GET);
    const backend = front.backend();
    backend.receive(answer("ok", "Keep-Alive: timeout=60"));
    front.clock.advance(20 * SECOND - TICKS);
    expect(client.isClosed).toBe(false);
    client.receive(GET);
    backend.receive(answer("ok"));
    front.clock.advance(20 * SECOND - TICKS);
    expect(client.isClosed).toBe(false);
    front.clock.advance(2 * TICKS);
    expect([client.isClosed, client.isDestroyed, statuses(client)]).toEqual([true, false, [200, 200]]);
  });

  test("is not idle while a backend thinks", async () => {
    const front = await VirtualFront.start({ timeoutMs: 0 });
    const client = front.client();
    client.receive(GET);
    const backend = front.backend();
    front.clock.advance(3_600 * SECOND);
    expect(client.isClosed).toBe(false);
    backend.receive(answer("ok"));
    expect(statuses(client)).toEqual([200]);
  });
});

describe("a body", () => {
  const HEAD = request("POST", "/", ["Content-Length: 1000"]);

  test("may take any time while it goes on", async () => {
    const front = await VirtualFront.start({ front: { bodyTimeoutMs: 10 * SECOND } });
    const client = front.client();
    client.receive(HEAD);
    const backend = front.backend();
    for (let byte = 0; byte < 1000; byte++) {
      front.clock.advance(9 * SECOND);
      client.receive("x");
    }
    backend.receive(answer("ok"));
    expect(statuses(client)).toEqual([200]);
  });

  test("that stops is given up, and its backend is told", async () => {
    const front = await VirtualFront.start({ front: { bodyTimeoutMs: 10 * SECOND }, timeoutMs: 0 });
    const client = front.client();
    client.receive(`${HEAD}half`);
    const backend = front.backend();
    front.clock.advance(10 * SECOND - TICKS);
    expect([client.isShut, backend.isClosed]).toEqual([false, false]);
    front.clock.advance(2 * TICKS);
    expect([statuses(client), client.isShut, backend.isDestroyed]).toEqual([[408], true, true]);
    expect(front.balancer.status().inFlight).toBe(0);
  });

  test("that the backend does not take is not the client's fault", async () => {
    const front = await VirtualFront.start({ front: { bodyTimeoutMs: 10 * SECOND }, timeoutMs: 0 });
    const client = front.client();
    client.receive(HEAD);
    const backend = front.backend();
    backend.room = 0;
    client.receive("half");
    expect(client.isPaused).toBe(true);
    front.clock.advance(3_600 * SECOND);
    expect([client.isShut, backend.isClosed]).toEqual([false, false]);
    backend.drain();
    expect(client.isPaused).toBe(false);
  });

  test("that stops after its answer began ends the connection", async () => {
    const front = await VirtualFront.start({ front: { bodyTimeoutMs: 10 * SECOND } });
    const client = front.client();
    client.receive(`${HEAD}half`);
    const backend = front.backend();
    backend.receive("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
    front.clock.advance(10 * SECOND + TICKS);
    expect([statuses(client), client.isDestroyed, backend.isDestroyed]).toEqual([[200], true, true]);
  });
});

describe("an answer", () => {
  test("that the client does not take is given up, and its backend is told", async () => {
    const front = await VirtualFront.start({ front: { writeTimeoutMs: 10 * SECOND } });
    const client = front.client();
    client.room = 10;
    client.receive(GET);
    const backend = front.backend();
    backend.receive("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
    expect(backend.isPaused).toBe(true);
    front.clock.advance(10 * SECOND - TICKS);
    expect(client.isClosed).toBe(false);
    front.clock.advance(2 * TICKS);
    expect([client.isDestroyed, backend.isDestroyed]).toEqual([true, true]);
    expect(front.balancer.status().inFlight).toBe(0);
  });

  test("may take any time while the client takes it", async () => {
    const front = await VirtualFront.start({ front: { writeTimeoutMs: 10 * SECOND } });
    const client = front.client();
    client.room = 10;
    client.receive(GET);
    const backend = front.backend();
    backend.receive("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    for (let byte = 0; byte < 100; byte++) {
      front.clock.advance(9 * SECOND);
      client.drain(0);
      expect(backend.isPaused).toBe(false);
      backend.receive("x");
    }
    client.drain();
    expect(client.written).toEndWith(`\r\n\r\n${"x".repeat(100)}`);
    expect(client.isClosed).toBe(false);
  });

  test("whose last bytes the client does not take does not keep the connection for ever", async () => {
    for (const fields of [[], ["Connection: close"]]) {
      const front = await VirtualFront.start({ front: { writeTimeoutMs: 10 * SECOND } });
      const client = front.client();
      client.room = 10;
      client.receive(request("GET", "/", fields));
      front.backend().receive(answer("ok"));
      front.clock.advance(10 * SECOND - TICKS);
      expect(client.isClosed).toBe(false);
      front.clock.advance(2 * TICKS);
      expect(client.isDestroyed).toBe(true);
    }
  });
});

describe("a client that was told that it is over", () => {
  test("may still send for two seconds, which nobody reads", async () => {
    const front = await VirtualFront.start();
    const client = front.client();
    client.receive(request("POST", "/", ["Content-Length: 100000"]));
    const backend = front.backend();
    backend.receive(answer("no", "Connection: close"));
    expect([statuses(client), client.isShut, client.isClosed]).toEqual([[200], true, false]);
    const { written } = backend;
    for (let second = 0; second < 4 && !client.isClosed; second++) {
      client.receive(GET);
      front.clock.advance(SECOND);
    }
    expect([client.isClosed, statuses(client), backend.written]).toEqual([true, [200], written]);
    expect(front.dialled).toBe(1);
  });

  test("is closed at once when it ends, too", async () => {
    const front = await VirtualFront.start();
    const client = front.client();
    client.receive("GET / HTTP/1.1\r\n: x\r\n\r\n");
    client.end();
    expect([statuses(client), client.isClosed, client.isDestroyed]).toEqual([[400], true, false]);
  });
});

describe("a client that sends nothing more while its answer is under way", () => {
  test("gets the answer as long as that comes on", async () => {
    const front = await VirtualFront.start();
    const client = front.client();
    client.receive(GET);
    const backend = front.backend();
    client.end();
    backend.receive("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    for (let byte = 0; byte < 100; byte++) {
      front.clock.advance(500);
      backend.receive("x");
    }
    expect(client.written).toEndWith(`\r\n\r\n${"x".repeat(100)}`);
    expect([client.isClosed, client.isDestroyed]).toEqual([true, false]);
  });

  test("is taken for gone if it does not, and the backend is told within a second", async () => {
    const front = await VirtualFront.start();
    const client = front.client();
    client.receive(GET);
    const backend = front.backend();
    client.end();
    front.clock.advance(SECOND);
    expect([client.isDestroyed, backend.isDestroyed]).toEqual([true, true]);
    expect(front.balancer.status().inFlight).toBe(0);
  });
});

describe("a client that sends nothing more, and has sent more than one request", () => {
  test("gets all its answers", async () => {
    const front = await VirtualFront.start();
    const client = front.client();
    client.receive(GET + GET + GET);
    client.end();
    const backend = front.backend();
    for (let turn = 0; turn < 3; turn++) {
      expect(client.isClosed).toBe(false);
      front.clock.advance(600);
      backend.receive(answer("ok"));
    }
    expect([statuses(client), client.isClosed, client.isDestroyed]).toEqual([[200, 200, 200], true, false]);
  });

  test.each([
    ["a head", GET.slice(0, 20)],
    ["a body", request("POST", "/", ["Content-Length: 9"], "half")],
  ])("is not waited for in the middle of %s", async (_, half) => {
    const front = await VirtualFront.start();
    const client = front.client();
    client.receive(GET + half);
    const backend = front.backend();
    client.end();
    backend.receive(answer("ok"));
    expect([statuses(client), client.isClosed]).toEqual([[200], true]);
    expect(front.balancer.status().inFlight).toBe(0);
  });
});
