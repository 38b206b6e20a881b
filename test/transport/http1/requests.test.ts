import { describe, expect, test } from "bun:test";
import { Outcome } from "../../../src/core/outcome.ts";
import { type SocketFactory, Written } from "../../../src/sockets/socket.ts";
import { systemClock } from "../../../src/system.ts";
import { UNREAD_BYTES } from "../../../src/transport/http1/response-body.ts";
import { Http1Transport } from "../../../src/transport/http1.ts";
import type { Script, Seen } from "../../raw/backend.ts";
import { refusedPort } from "../../raw/backend.ts";
import { until, within } from "../../raw/within.ts";
import { backendAt, outbound, pulled, rejection, UNTROUBLED, Way } from "./sent.ts";

/** Answers with what came as the body. */
const echo: Script = async ({ head, wire }) => {
  const body = await wire.body(head);
  wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body.toString("latin1")}`);
};

const MIB = 1024 * 1024;

describe("a request", () => {
  test("is written as it is given, with Host first and nothing added", async () => {
    await Way.with(undefined, {}, async (way) => {
      await way.send(outbound("GET", "/a//b/../c?d=&e", null, { accept: "*/*", "x-a": "1, 2" }));
      expect(way.raw.seen[0]?.head.raw).toBe(
        "GET /a//b/../c?d=&e HTTP/1.1\r\nhost: lb.test\r\naccept: */*\r\nx-a: 1, 2",
      );
    });
  });

  const bodies: [name: string, body: () => BodyInit, headers: Record<string, string>, framing: string][] = [
    [
      "bytes of known length",
      () => new Uint8Array([104, 105]),
      { "content-length": "2" },
      "content-length: 2",
    ],
    ["bytes whose length nobody said", () => new Uint8Array([104, 105]), {}, "content-length: 2"],
    ["text", () => "hi", {}, "content-length: 2"],
    [
      "a stream of known length",
      () => new Blob(["hi"]).stream(),
      { "content-length": "2" },
      "content-length: 2",
    ],
    ["a stream", () => new Blob(["hi"]).stream(), {}, "transfer-encoding: chunked"],
    ["a blob", () => new Blob(["hi"]), {}, "transfer-encoding: chunked"],
    ["an empty stream", () => new Blob([]).stream(), {}, "transfer-encoding: chunked"],
  ];
  for (const [name, body, headers, framing] of bodies) {
    test(`with ${name} says ${framing}, and its connection is kept`, async () => {
      await Way.with(echo, {}, async (way) => {
        const text = await (await way.send(outbound("POST", "/", body(), headers))).text();
        expect(text).toBe(name === "an empty stream" ? "" : "hi");
        expect(way.raw.seen[0]?.head.raw).toEndWith(`\r\n${framing}`);
        expect(way.state).toEqual({ open: 1, idle: 1, waiting: 0 });
      });
    });
  }

  const unwritable: [name: string, request: () => ReturnType<typeof outbound>][] = [
    ["a body that is longer than its length", () => outbound("POST", "/", "abc", { "content-length": "2" })],
    ["a body that is shorter", () => outbound("POST", "/", "abc", { "content-length": "4" })],
    ["a length that is none", () => outbound("POST", "/", "abc", { "content-length": "3, 3" })],
    ["a length and no body", () => outbound("GET", "/", null, { "content-length": "3" })],
    ["a target that is two lines", () => outbound("GET", "/ HTTP/1.1\r\nX: y")],
    ["CONNECT", () => outbound("CONNECT")],
    [
      "a stream that somebody reads",
      () => {
        const { stream } = pulled(1, 1);
        stream.getReader();
        return outbound("POST", "/", stream);
      },
    ],
  ];
  for (const [name, request] of unwritable) {
    test(`with ${name} is refused, and is not the backend's failure`, async () => {
      await Way.with(undefined, {}, async (way) => {
        expect((await way.failure(request())).outcome).toBe(Outcome.requestBroken);
      });
    });
  }

  for (const [name, length] of [
    ["longer", "5"],
    ["shorter", "50"],
  ] as const) {
    test(`whose stream is ${name} than its length is cut, not sent`, async () => {
      await Way.with(echo, {}, async (way) => {
        const { stream } = pulled(3, 4);
        const failure = await way.failure(outbound("POST", "/", stream, { "content-length": length }));
        expect(failure.outcome).toBe(Outcome.requestBroken);
        expect(way.state.open).toBe(0);
      });
    });
  }

  test("whose stream breaks never looks complete", async () => {
    let isWhole = false;
    const script: Script = async ({ head, wire }) => {
      await wire.body(head);
      isWhole = true;
    };
    await Way.with(script, {}, async (way) => {
      let pulls = 0;
      const stream = new ReadableStream<Uint8Array>({
        pull(controller) {
          pulls += 1;
          if (pulls > 2) throw new Error("the client left");
          controller.enqueue(new Uint8Array(10));
        },
      });
      expect(await way.failure(outbound("POST", "/", stream))).toEqual({
        outcome: Outcome.requestBroken,
        message: "the request's body broke off",
      });
      await Bun.sleep(20);
      expect(isWhole).toBe(false);
    });
  });

  test("that is answered before it is whole lets go of the rest, and its connection is not used again", async () => {
    const script: Script = ({ wire }) => wire.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
    await Way.with(script, {}, async (way) => {
      const seen = { isCancelled: false };
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new Uint8Array(10)),
        cancel: () => {
          seen.isCancelled = true;
        },
      });
      const response = await way.send(outbound("POST", "/", stream));
      expect([response.status, await response.text()]).toEqual([413, "no"]);
      await until("the rest is let go of", () => seen.isCancelled && way.state.open === 0);
    });
  });
});

describe("what is large", () => {
  test("goes up and comes down whole", async () => {
    const script: Script = async ({ head, wire }) => {
      const hash = new Bun.CryptoHasher("sha1");
      for await (const part of wire.parts(head)) hash.update(part);
      wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${20 * MIB}\r\nX-Sha: ${hash.digest("hex")}\r\n\r\n`);
      await wire.sent(new Uint8Array(20 * MIB).fill(66));
    };
    await Way.with(script, {}, async (way) => {
      const { stream } = pulled(400, 50_000);
      const expected = new Bun.CryptoHasher("sha1");
      for (let piece = 1; piece <= 400; piece++)
        expected.update(new Uint8Array(50_000).fill(97 + (piece % 26)));
      const response = await way.send(outbound("PUT", "/", stream));
      expect(response.headers.get("x-sha")).toBe(expected.digest("hex"));
      const bytes = new Uint8Array(await response.arrayBuffer());
      expect(bytes.length).toBe(20 * MIB);
      expect(bytes.every((byte) => byte === 66)).toBe(true);
      expect(way.state).toEqual({ open: 1, idle: 1, waiting: 0 });
    });
  });

  test("is held up on its way down while its reader stands still", async () => {
    const size = 64 * MIB;
    let isSent = false;
    const script: Script = async ({ wire }) => {
      wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      await wire.sent(new Uint8Array(size));
      isSent = true;
    };
    await Way.with(script, {}, async (way) => {
      const { body } = await way.get();
      const reader = (body as ReadableStream<Uint8Array>).getReader();
      const before = process.memoryUsage().rss;
      await Bun.sleep(300);
      expect(isSent).toBe(false);
      expect(process.memoryUsage().rss - before).toBeLessThan(16 * MIB + UNREAD_BYTES);
      let received = 0;
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        received += value.length;
      }
      expect(received).toBe(size);
    });
  });

  test("is held up on its way up while the backend stands still", async () => {
    let held: Seen | undefined;
    const script: Script = async (seen) => {
      held = seen;
      seen.wire.socket.pause();
      await new Promise((resolve) => setTimeout(resolve, 300));
      seen.wire.socket.resume();
      await echoLength(seen);
    };
    await Way.with(script, {}, async (way) => {
      const pieces = 1_000;
      const { stream, seen } = pulled(pieces, 65_536);
      const response = way.send(outbound("POST", "/", stream));
      await until("the request came", () => held !== undefined);
      await Bun.sleep(200);
      const stalledAt = seen.pulls;
      expect(stalledAt).toBeLessThan(pieces / 2);
      expect(await (await response).text()).toBe(String(pieces * 65_536));
    });
  });
});

async function echoLength({ head, wire }: Seen): Promise<void> {
  let length = 0;
  for await (const part of wire.parts(head)) length += part.length;
  const text = String(length);
  wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
}

describe("a backend that cannot be reached", () => {
  const cases: [name: string, origin: () => Promise<string>, message: string][] = [
    ["refuses", async () => `http://127.0.0.1:${await refusedPort()}`, "connection refused"],
    ["has no address", async () => "http://nobody.invalid:80", "host name not found"],
  ];
  for (const [name, origin, message] of cases) {
    test(`because it ${name}: the request was surely not sent`, async () => {
      await Way.with(undefined, {}, async (way) => {
        const backend = backendAt(await origin());
        const error = await rejection(
          way.transport.send(backend, outbound("POST", "/", "x"), { signal: UNTROUBLED }),
        );
        expect(way.transport.failure(error)).toMatchObject({ outcome: Outcome.connectFailed, message });
        expect(way.transport.state(backend).open).toBe(0);
      });
    });
  }

  test("within the time for it", async () => {
    const closed: string[] = [];
    const unanswered: SocketFactory = {
      listen: () => Promise.reject(new Error("nobody listens here")),
      connect: (endpoint) => ({
        isOpen: false,
        peerAddress: "",
        peerPort: 0,
        write: () => Written.none,
        writeCopy: () => Written.none,
        pause() {},
        resume() {},
        probeWhenSilent() {},
        setWaiting() {},
        shutdown() {},
        close() {},
        destroy: () => void closed.push("hostname" in endpoint ? endpoint.hostname : endpoint.path),
      }),
    };
    const transport = new Http1Transport({ connectTimeoutMs: 100 }, systemClock, unanswered);
    const backend = backendAt("http://silent.test:81");
    const sent = rejection(transport.send(backend, outbound("GET"), { signal: UNTROUBLED }));
    const error = await within(2_000, "the end of connecting", sent);
    expect(transport.failure(error).outcome).toBe(Outcome.connectFailed);
    expect(transport.state(backend).open).toBe(0);
    expect(closed).toEqual(["silent.test"]);
  });
});
