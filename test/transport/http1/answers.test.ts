import { describe, expect, test } from "bun:test";
import { Outcome } from "../../../src/core/outcome.ts";
import { answerBytes, type Script } from "../../raw/backend.ts";
import { until, within } from "../../raw/within.ts";
import { outbound, rejection, Way } from "./sent.ts";

/** Writes the pieces one after another, with time between them. */
function slowly(...pieces: string[]): Script {
  return async ({ head, wire }) => {
    await wire.body(head);
    for (const piece of pieces) {
      wire.send(piece);
      await Bun.sleep(10);
    }
  };
}

describe("an answer", () => {
  test("comes with its status, reason, fields and body as they are", async () => {
    const bytes =
      "HTTP/1.1 418 I'm a teapot\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX: \xe9\r\nContent-Length: 2\r\n\r\nok";
    await Way.with(answerBytes(bytes), {}, async (way) => {
      const response = await way.get();
      expect([response.status, response.statusText, await response.text()]).toEqual([
        418,
        "I'm a teapot",
        "ok",
      ]);
      expect([...response.headers]).toEqual([
        ["content-length", "2"],
        ["x", "\xe9"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
      ]);
    });
  });

  test("comes without what was about the connection, unless that names other fields", async () => {
    const bytes = (connection: string) =>
      `HTTP/1.1 200 OK\r\nConnection: ${connection}\r\nKeep-Alive: timeout=9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
    await Way.with(answerBytes(bytes("Keep-Alive")), {}, async (way) => {
      expect([...(await way.get()).headers]).toEqual([]);
      way.raw.script = answerBytes(bytes("keep-alive, x-a"));
      expect([...(await way.get()).headers]).toEqual([["connection", "keep-alive, x-a"]]);
    });
  });

  const whole: [name: string, bytes: string, body: string, idle: number][] = [
    ["with a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", 1],
    ["without content", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", 1],
    [
      "in chunks, with extensions and trailers",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nT: u\r\n\r\n",
      "hello",
      1,
    ],
    ["that ends with the connection", "HTTP/1.1 200 OK\r\n\r\nhello", "hello", 0],
    ["of HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", 0],
    ["that closes", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", "hello", 0],
    [
      "after interim ones",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
      "hello",
      1,
    ],
    ["that is 204", "HTTP/1.1 204 No Content\r\n\r\n", "", 1],
    ["that is 205", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", "", 1],
    ["that is 205 and has content", "HTTP/1.1 205 Reset Content\r\nContent-Length: 3\r\n\r\nabc", "", 0],
    ["that is 304 and tells a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "", 1],
    [
      "with bytes behind it",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n",
      "hello",
      0,
    ],
  ];
  for (const [name, bytes, body, idle] of whole) {
    const script: Script = async (seen) => {
      await answerBytes(bytes)(seen);
      if (body !== "" && idle === 0) seen.wire.end();
    };
    test(`${name} is whole, and ${idle === 1 ? "its connection is kept" : "its connection is not"}`, async () => {
      await Way.with(script, {}, async (way) => {
        expect(await (await way.get()).text()).toBe(body);
        await until("the pool is settled", () => way.state.idle === idle && way.state.open === idle);
      });
    });

    test(`${name} is the same byte by byte`, async () => {
      const drip: Script = async (seen) => {
        await seen.wire.body(seen.head);
        for (const byte of bytes) {
          seen.wire.send(byte);
          await new Promise((resolve) => setImmediate(resolve));
        }
        if (body !== "" && idle === 0) seen.wire.end();
      };
      await Way.with(drip, {}, async (way) => {
        expect(await (await way.get()).text()).toBe(body);
      });
    });
  }

  test("to HEAD has no body whatever its length says", async () => {
    await Way.with(answerBytes("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"), {}, async (way) => {
      const response = await way.send(outbound("HEAD"));
      expect([response.headers.get("content-length"), await response.text()]).toEqual(["500", ""]);
      expect(way.state.idle).toBe(1);
    });
  });

  test("shows its head before its body is there, and its body piece by piece", async () => {
    await Way.with(slowly("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n", "abc", "def"), {}, async (way) => {
      const pieces: string[] = [];
      const { body } = await way.get();
      for await (const piece of body ?? []) pieces.push(new TextDecoder().decode(piece));
      expect(pieces).toEqual(["abc", "def"]);
    });
  });
});

describe("what is no answer", () => {
  const cases: [name: string, bytes: string, outcome: Outcome, message: string][] = [
    ["another protocol", "SSH-2.0-OpenSSH\r\n", Outcome.malformed, "the line does not begin with HTTP/1"],
    [
      "two lengths",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
      Outcome.malformed,
      "Content-Length is there twice",
    ],
    [
      "length and chunks",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      Outcome.malformed,
      "Content-Length stands beside Transfer-Encoding",
    ],
    [
      "101",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
      Outcome.malformed,
      "the backend switches protocols unasked",
    ],
    [
      "interim answers without end",
      "HTTP/1.1 103 Hints\r\n\r\n".repeat(40),
      Outcome.malformed,
      "too many interim answers",
    ],
    ["nothing", "", Outcome.reset, "the connection closed before an answer"],
    ["part of a head", "HTTP/1.1 200 OK\r\nConte", Outcome.reset, "the answer's head broke off"],
    [
      "an interim answer alone",
      "HTTP/1.1 100 Continue\r\n\r\n",
      Outcome.reset,
      "the answer's head broke off",
    ],
    [
      "a bad first chunk",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz",
      Outcome.malformed,
      "a chunk has no size",
    ],
  ];
  for (const [name, bytes, outcome, message] of cases) {
    test(`${name}: ${message}`, async () => {
      const script: Script = async (seen) => {
        await answerBytes(bytes)(seen);
        seen.wire.end();
      };
      await Way.with(script, {}, async (way) => {
        expect(await way.failure(outbound("GET"))).toEqual({ outcome, message });
        expect(way.state).toEqual({ open: 0, idle: 0, waiting: 0 });
        expect(way.raw.seen.length).toBe(1);
      });
    });
  }

  const broken: [name: string, head: string, part: string][] = [
    ["with a length", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "abc"],
    ["in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "3\r\nabc\r\n"],
  ];
  for (const [name, head, part] of broken) {
    test(`a body ${name} that breaks off never looks complete`, async () => {
      const script: Script = async ({ wire }) => {
        wire.send(head + part);
        await Bun.sleep(20);
        wire.end();
      };
      await Way.with(script, {}, async (way) => {
        const error = await rejection((await way.get()).text());
        expect(way.transport.failure(error)).toMatchObject({ outcome: Outcome.bodyBroken });
        expect(way.state.open).toBe(0);
      });
    });
  }

  test("a chunk that breaks the rules in the middle breaks the body", async () => {
    const script = slowly("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", "1\r\nbX");
    await Way.with(script, {}, async (way) => {
      const error = await rejection((await way.get()).text());
      expect(way.transport.failure(error).message).toBe("a chunk's data is not followed by CRLF");
    });
  });
});

describe("a caller that leaves", () => {
  test("before the answer closes the connection", async () => {
    await Way.with(
      () => {},
      {},
      async (way) => {
        const controller = new AbortController();
        const response = way.send(outbound("GET"), controller.signal);
        const { wire } = await way.raw.nextAfter(0);
        controller.abort(new Error("gone"));
        expect(await rejection(response)).toMatchObject({ message: "gone" });
        await within(1_000, "the connection's end", wire.closed);
        expect(way.state).toEqual({ open: 0, idle: 0, waiting: 0 });
      },
    );
  });

  test("in the middle of the body closes it and breaks the body", async () => {
    await Way.with(slowly("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "abc"), {}, async (way) => {
      const controller = new AbortController();
      const { body } = await way.send(outbound("GET"), controller.signal);
      const { wire } = await way.raw.nextAfter(0);
      const reader = (body as ReadableStream<Uint8Array>).getReader();
      await reader.read();
      controller.abort(new Error("gone"));
      expect(await rejection(reader.read())).toMatchObject({ message: "gone" });
      await within(1_000, "the connection's end", wire.closed);
    });
  });

  test("by cancelling the body closes it too", async () => {
    await Way.with(slowly("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "abc"), {}, async (way) => {
      const { body } = await way.get();
      const { wire } = await way.raw.nextAfter(0);
      await body?.cancel();
      await within(1_000, "the connection's end", wire.closed);
      expect(way.state.open).toBe(0);
    });
  });

  test("after the answer disturbs nobody", async () => {
    await Way.with(undefined, {}, async (way) => {
      const controller = new AbortController();
      await way.send(outbound("GET"), controller.signal);
      controller.abort();
      await Bun.sleep(50);
      expect(way.state).toEqual({ open: 1, idle: 1, waiting: 0 });
    });
  });
});
