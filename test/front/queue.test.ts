/** Requests that are relayed, and have to wait for room at a backend. */
import { describe, expect, test } from "bun:test";
import { request } from "../raw/client.ts";
import type { MemorySocket } from "../simulation/memory-sockets.ts";
import { settled } from "../simulation/virtual-clock.ts";
import { answer, type Chosen, statuses, VirtualFront } from "./virtual-front.ts";

const QUEUE_MS = 1_000;
const LATE_MS = 100;
const get = (path: string) => request("GET", path);
const PUT = request("PUT", "/put", ["Transfer-Encoding: chunked"]);
const LAST = "0\r\n\r\n";

function chunk(fill: string, length: number): string {
  return `${length.toString(16)}\r\n${fill.repeat(length)}\r\n`;
}

/** The paths of the requests that a backend got on this connection. */
function paths({ written }: MemorySocket): string[] {
  return [...written.matchAll(/[A-Z]+ (\/\S*) HTTP\/1\.1\r\n/g)].map(([, path]) => path as string);
}

/** A front before one backend that takes one request at a time and has one: what comes next waits. */
async function busy(chosen: Chosen = {}) {
  const front = await VirtualFront.start({
    maxInFlight: 1,
    queue: { maxWaiting: 2, timeoutMs: QUEUE_MS },
    ...chosen,
  });
  const first = front.client();
  first.receive(get("/first"));
  const backend = front.backend();
  const come = (bytes: string) => {
    const client = front.client();
    client.receive(bytes);
    return client;
  };
  const status = () => {
    const { inFlight, waiting } = front.balancer.status();
    return { inFlight, waiting };
  };
  return { front, first, backend, come, status };
}

describe("relayed requests that find no room", () => {
  test("wait, and go on one after another over the connection that has become free", async () => {
    const { front, first, backend, come, status } = await busy();
    const [a, b] = [come(get("/a")), come(get("/b"))];
    expect([status(), paths(backend)]).toEqual([{ inFlight: 1, waiting: 2 }, ["/first"]]);
    for (const body of ["1", "2", "3"]) backend.receive(answer(body));
    expect(paths(backend)).toEqual(["/first", "/a", "/b"]);
    expect([first, a, b].map(({ written }) => written.at(-1))).toEqual(["1", "2", "3"]);
    expect([front.dialled, status()]).toEqual([1, { inFlight: 0, waiting: 0 }]);
    front.clock.advance(LATE_MS);
    expect(front.balancer.status().backends[0]).toMatchObject({ requests: 3, failures: 0 });
  });

  test("are told when the queue is full, and when they have waited for too long, on a connection that goes on", async () => {
    const { front, backend, come, status } = await busy();
    const [late, gone, full] = [come(get("/a")), come(get("/b")), come(get("/c") + get("/lb-status"))];
    await settled();
    expect([statuses(full), status()]).toEqual([[503, 200], { inFlight: 1, waiting: 2 }]);
    expect(full.written).toContain("retry-after: 1\r\n");
    expect(full.written).toContain(
      'proxy-status: lb; error=connection_limit_reached; details="queue full"\r\n',
    );
    expect(full.written).toContain('"inFlight":1,"waiting":2}');
    gone.lose();
    front.clock.advance(QUEUE_MS + LATE_MS);
    expect(late.written).toContain('details="queue timeout"');
    late.receive(get("/again"));
    expect([statuses(late), status()]).toEqual([[503], { inFlight: 1, waiting: 1 }]);
    backend.receive(answer("1"));
    backend.receive(answer("2"));
    expect([statuses(late), paths(backend)]).toEqual([
      [503, 200],
      ["/first", "/again"],
    ]);
  });

  test("get 504 when they have no time left", async () => {
    const { front, come } = await busy({ timeoutMs: 500 });
    front.clock.advance(300);
    const client = come(get("/a"));
    front.clock.advance(450);
    expect(statuses(client)).toEqual([]);
    front.clock.advance(50 + LATE_MS);
    expect(statuses(client)).toEqual([504]);
  });

  test.each([
    ["leaves", (client: MemorySocket) => client.lose(), []],
    ["closes its half, and says nothing for a while", (client: MemorySocket) => client.end(), []],
  ])("are forgotten when their client %s", async (_, leave, expected) => {
    const { front, backend, come, status } = await busy({ queue: { maxWaiting: 2, timeoutMs: 10_000 } });
    const [a, b] = [come(get("/a")), come(get("/b"))];
    leave(a);
    front.clock.advance(1_000);
    expect(status()).toEqual({ inFlight: 1, waiting: 1 });
    backend.receive(answer("1"));
    backend.receive(answer("2"));
    expect([statuses(a), statuses(b), paths(backend)]).toEqual([expected, [200], ["/first", "/b"]]);
  });

  test("are answered at once when their body turns out to be none", async () => {
    const { backend, come, status } = await busy();
    const client = come(`${PUT}5\r\nhe`);
    expect(status().waiting).toBe(1);
    client.receive("llo!");
    expect([statuses(client), client.isShut, status().waiting]).toEqual([[400], true, 0]);
    backend.receive(answer("1"));
    expect(paths(backend)).toEqual(["/first"]);
  });

  test("are told at once when every backend is out, and go on when one comes", async () => {
    const { front, come, status } = await busy();
    const client = come(get("/a"));
    front.balancer.setBackends([{ url: "http://10.0.0.1", drain: true }]);
    expect([statuses(client), status()]).toEqual([[503], { inFlight: 1, waiting: 0 }]);
    expect(client.written).toContain("No backend is available at the moment.");
    front.balancer.setBackends(["http://10.0.0.1"]);
    client.receive(get("/b"));
    expect(status().waiting).toBe(1);
    front.balancer.setBackends(["http://10.0.0.1", "http://10.0.0.2"]);
    expect(status()).toEqual({ inFlight: 2, waiting: 0 });
    expect(paths(front.backend())).toEqual(["/b"]);
  });

  test("keep no more of their body than came before they were held up, and send it whole", async () => {
    const { front, backend, come } = await busy();
    const client = come(PUT + chunk("1", 40_000));
    client.receive(chunk("2", 40_000));
    expect(client.isPaused).toBe(true);
    // Its body is not what the client is late with.
    front.clock.advance(QUEUE_MS - LATE_MS);
    backend.receive(answer("1"));
    client.receive(LAST);
    expect(client.isPaused).toBe(false);
    const body = backend.written.slice(backend.written.lastIndexOf("\r\n\r\n9c40") + 4);
    expect(body).toBe(chunk("1", 40_000) + chunk("2", 40_000) + LAST);
    backend.receive(answer("2"));
    expect(statuses(client)).toEqual([200]);
  });

  test("wait once more, ahead of the others, when they are tried again", async () => {
    const { front, first, backend, come, status } = await busy({ queue: { maxWaiting: 9, timeoutMs: 0 } });
    const [a, b] = [come(get("/a")), come(get("/b"))];
    backend.lose();
    const second = front.backend();
    front.clock.advance(25);
    expect([paths(second), status()]).toEqual([["/a"], { inFlight: 1, waiting: 2 }]);
    for (const body of ["1", "2", "3"]) second.receive(answer(body));
    expect(paths(second)).toEqual(["/a", "/first", "/b"]);
    expect([first, a, b].map(statuses)).toEqual([[200], [200], [200]]);
  });
});

test("ten thousand requests that come and go leave nothing in the queue", async () => {
  const { front, backend, come, status } = await busy({ queue: { maxWaiting: 50, timeoutMs: QUEUE_MS } });
  for (let round = 0; round < 100; round++) {
    const clients = Array.from({ length: 100 }, (_, index) => come(get(`/${round}/${index}`)));
    expect(status()).toEqual({ inFlight: 1, waiting: 50 });
    for (const client of clients) if (!client.isClosed) client.lose();
    expect(status()).toEqual({ inFlight: 1, waiting: 0 });
  }
  backend.receive(answer("1"));
  front.clock.advance(10_000);
  expect(status()).toEqual({ inFlight: 0, waiting: 0 });
});
