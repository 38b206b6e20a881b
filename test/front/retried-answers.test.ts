import { describe, expect, test } from "bun:test";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { request } from "../raw/client.ts";
import { ScriptedFront } from "./scripted-front.ts";

const BACKENDS = ["http://192.0.2.7", "http://192.0.2.8", "http://192.0.2.9"];

const CHUNKED = "Transfer-Encoding: chunked\r\n";

/** The longest first back-off, and the longest second one. */
const FIRST_WAIT_MS = 25;

function listen(config: Partial<LoadBalancerConfig> = {}, backends = BACKENDS): Promise<ScriptedFront> {
  return ScriptedFront.listen({}, { backends, retryOn: ["connect", "reset", 503], ...config });
}

function answer(status: number, body = "", fields: readonly string[] = []): string {
  const lines = ["Date: x", ...fields, `Content-Length: ${body.length}`]
    .map((line) => `${line}\r\n`)
    .join("");
  return `HTTP/1.1 ${status} X\r\n${lines}\r\n${body}`;
}

describe("an answer with a status that is tried again", () => {
  test("is dropped, and another backend's passes; a connection that it came on whole is kept", async () => {
    const front = await listen();
    const client = front.client();
    client.receive(request("GET", "/1"));
    const first = front.backend();
    expect(first.taken()).toStartWith("GET /1 ");
    first.receive(answer(503, "no"));
    expect(first.isOpen).toBe(true);
    const second = front.backend();
    expect(second.taken()).toStartWith("GET /1 ");
    expect(client.taken()).toBe("");
    second.receive(answer(200, "fine"));
    expect(client.taken()).toBe(answer(200, "fine"));
    expect(front.balancer.status()).toMatchObject({
      inFlight: 0,
      backends: [{ requests: 1, failures: 1 }, { requests: 1, failures: 0 }, { requests: 0 }],
    });
    // The third backend's turn, then the first one's again, on the connection that was kept.
    client.receive(request("GET", "/2"));
    front.backend().receive(answer(200));
    client.receive(request("GET", "/3"));
    expect(first.taken()).toStartWith("GET /3 ");
  });

  test("that is not whole is not waited for: its connection is closed", async () => {
    const front = await listen();
    const client = front.client();
    client.receive(request("GET", "/"));
    const first = front.backend();
    first.receive("HTTP/1.1 503 X\r\nContent-Length: 10\r\n\r\nhalf");
    expect(first.done).toEqual(["destroy"]);
    front.backend().receive(answer(200));
    expect(client.taken()).toBe(answer(200));
  });

  test("in pieces, or until the connection's end, is none the less dropped", async () => {
    for (const bytes of [answer(503, "no"), "HTTP/1.1 503 X\r\n\r\nno", "HTTP/1.0 503 X\r\n\r\n"]) {
      const front = await listen();
      const client = front.client();
      client.receive(request("GET", "/"));
      const first = front.backend();
      for (const byte of bytes) if (first.isOpen) first.receive(byte);
      front.backend().receive(answer(200));
      expect(client.taken()).toBe(answer(200));
      expect(front.balancer.status().inFlight).toBe(0);
    }
  });

  test("whose body breaks HTTP's rules is dropped like any other", async () => {
    const front = await listen();
    const client = front.client();
    client.receive(request("GET", "/"));
    front.backend().receive("HTTP/1.1 503 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    front.backend().receive(answer(200));
    expect(client.taken()).toBe(answer(200));
  });

  test("that is accepted, and whose body is broken before anything of it was passed on, is none either", async () => {
    const front = await listen();
    const client = front.client();
    client.receive(request("GET", "/"));
    front.backend().receive(`HTTP/1.1 200 X\r\n${CHUNKED}\r\nzz\r\n`);
    expect(client.taken()).toBe("");
    front.backend().receive(answer(200));
    expect(client.taken()).toBe(answer(200));
    expect(front.balancer.status()).toMatchObject({ inFlight: 0, backends: [{ failures: 1 }, {}, {}] });
  });

  test("that is accepted, and was passed on in part, is cut where its body is broken", async () => {
    const front = await listen();
    const client = front.client();
    client.receive(request("GET", "/"));
    const backend = front.backend();
    backend.receive(`HTTP/1.1 200 X\r\n${CHUNKED}\r\n`);
    backend.receive("zz\r\n");
    expect([client.isOpen, front.dialled()]).toEqual([false, undefined]);
  });

  test("is the client's, byte for byte, when it is the last", async () => {
    const front = await listen({ retries: 1 });
    const client = front.client();
    client.receive(request("GET", "/"));
    front.backend().receive(answer(503, "first"));
    front.backend().receive(answer(503, "second", ["X-A: 1", "Retry-After: 1"]));
    expect(client.taken()).toBe(answer(503, "second", ["X-A: 1", "Retry-After: 1"]));
    expect(front.balancer.status()).toMatchObject({
      inFlight: 0,
      backends: [{ failures: 1 }, { failures: 1 }, {}],
    });
  });

  test("passes for a request that may not be repeated", async () => {
    const front = await listen();
    const client = front.client();
    client.receive(`${request("POST", "/", ["Content-Length: 1"])}x`);
    front.backend().receive(answer(503, "no"));
    expect(client.taken()).toBe(answer(503, "no"));
  });

  test("lets an upload go on elsewhere, from its first byte", async () => {
    const front = await listen();
    const client = front.client();
    client.receive(`${request("PUT", "/", ["Content-Length: 9"])}one`);
    const first = front.backend();
    expect(first.taken()).toEndWith("\r\n\r\none");
    first.receive(answer(503, "no"));
    // The rest of the request will not come there.
    expect(first.isOpen).toBe(false);
    const second = front.backend();
    client.receive("two");
    client.receive("six");
    expect(second.taken()).toEndWith("\r\n\r\nonetwosix");
    second.receive(answer(200));
    expect(client.taken()).toBe(answer(200));
  });

  test("can be one of several in a pipeline, each of which is tried again by itself", async () => {
    const front = await listen({}, BACKENDS.slice(0, 2));
    const client = front.client();
    client.receive(request("GET", "/1") + request("GET", "/2"));
    const first = front.backend();
    first.receive(answer(503));
    const second = front.backend();
    second.taken();
    second.receive(answer(200, "1"));
    expect(client.taken()).toBe(answer(200, "1"));
    expect(first.taken()).toContain("GET /2 ");
    first.receive(answer(503));
    expect(second.taken()).toStartWith("GET /2 ");
    second.receive(answer(200, "2"));
    expect(client.taken()).toBe(answer(200, "2"));
  });
});

describe("a request that waits for its next try", () => {
  /** A request that was reset by the only backend. */
  async function waiting(bytes: string) {
    const front = await listen({}, BACKENDS.slice(0, 1));
    const client = front.client();
    client.receive(bytes);
    front.backend().lose();
    expect(() => front.next()).toThrow("no other connection was made");
    return { front, client };
  }

  test("is tried again after it", async () => {
    const { front, client } = await waiting(request("GET", "/"));
    front.clock.advance(FIRST_WAIT_MS);
    front.backend().receive(answer(200));
    expect(client.taken()).toBe(answer(200));
  });

  test("is over when its client leaves", async () => {
    const { front, client } = await waiting(request("GET", "/"));
    client.lose();
    front.clock.advance(1_000);
    expect(() => front.next()).toThrow("no other connection was made");
    expect(front.balancer.status().inFlight).toBe(0);
  });

  test("takes more of its body meanwhile, and sends all of it", async () => {
    const { front, client } = await waiting(`${request("PUT", "/", ["Content-Length: 6"])}one`);
    expect(client.isPaused).toBe(false);
    client.receive("two");
    front.clock.advance(FIRST_WAIT_MS);
    expect(front.backend().taken()).toEndWith("\r\n\r\nonetwo");
  });

  test("is refused when its body breaks meanwhile", async () => {
    const { front, client } = await waiting(
      `${request("PUT", "/", ["Transfer-Encoding: chunked"])}1\r\nx\r\n`,
    );
    client.receive("no chunk\r\n");
    expect(client.taken()).toStartWith("HTTP/1.1 400 ");
    front.clock.advance(1_000);
    expect(() => front.next()).toThrow("no other connection was made");
  });

  test("is answered 503 if the backend is gone by then", async () => {
    const { front, client } = await waiting(request("GET", "/"));
    const other = front.client();
    other.receive(request("GET", "/"));
    front.next().lose();
    expect(front.balancer.status().backends[0]?.alive).toBe(false);
    front.clock.advance(FIRST_WAIT_MS);
    expect(client.taken()).toStartWith("HTTP/1.1 503 ");
  });

  test("waits for as long as Retry-After says", async () => {
    const front = await listen({}, BACKENDS.slice(0, 1));
    const client = front.client();
    client.receive(request("GET", "/"));
    const backend = front.backend();
    backend.receive(answer(503, "", ["Retry-After: 2"]));
    backend.taken();
    front.clock.advance(1_999);
    expect(backend.taken()).toBe("");
    front.clock.advance(1);
    expect(backend.taken()).toStartWith("GET / ");
    backend.receive(answer(200));
    expect(client.taken()).toBe(answer(200));
  });

  test("does not wait longer than it has time", async () => {
    const front = await listen({ timeoutMs: 2_000 }, BACKENDS.slice(0, 1));
    const client = front.client();
    client.receive(request("GET", "/"));
    front.backend().receive(answer(503, "", ["Retry-After: 2"]));
    expect(client.taken()).toBe(answer(503, "", ["Retry-After: 2"]));
  });
});
