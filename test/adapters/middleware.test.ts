import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { answerOk, RawBackend } from "../raw/backend.ts";
import { ask, dial, readAnswer, request } from "../raw/client.ts";
import { until, within } from "../raw/within.ts";
import { Program, type Runtime, removeBundles } from "./runtime.ts";
import { BUN_FRONT, BUN_RUNTIME, DENO_FRONT, DENO_RUNTIME, NODE_FRONT, NODE_RUNTIME } from "./runtimes.ts";

const CASES: readonly (readonly [title: string, runtime: Runtime])[] = [
  ["Bun", BUN_RUNTIME],
  ["Deno", DENO_RUNTIME],
  ["Node", NODE_RUNTIME],
  ["Bun, on raw sockets", BUN_FRONT],
  ["Deno, on raw sockets", DENO_FRONT],
  ["Node, on raw sockets", NODE_FRONT],
];

/** Ways in which a request is made anew on its way, besides those of our own middlewares. */
const WAYS = ["none", "fields", "url"];

describe.each(CASES)("a chain of middlewares in %s", (_title, runtime) => {
  let backend: RawBackend;
  let program: Program;
  beforeAll(async () => {
    backend = await RawBackend.listen();
    program = await Program.start(runtime, "embedded-middleware.ts", {
      backends: [backend.url],
      healthCheck: false,
      retries: 0,
    });
  }, 30_000);
  afterEach(() => {
    backend.script = answerOk;
  });
  afterAll(async () => {
    await program.kill();
    await backend.close();
    await removeBundles();
  });

  test.each(WAYS)(
    "changes what it is to, and nothing else, where a request is made anew by %s",
    async (way) => {
      const before = backend.seen.length;
      const fields = [`X-Anew: ${way}`, "X-Own: a", "Cookie: a=b", "Connection: close, x-set, x-request-id"];
      const { head } = await ask(program.url, request("GET", "/api/a%2Fb/%20?q=%2f&q=%2F", fields));
      const { head: seen } = await backend.nextAfter(before);
      expect(seen.target).toBe(`/a%2Fb/%20?q=%2f&q=%2F${way === "url" ? "&made=anew" : ""}`);
      expect(seen.method).toBe("GET");
      expect(seen.field("x-own")).toBe("a");
      expect(seen.field("cookie")).toBe("a=b");
      expect(seen.field("x-made")).toBe(way === "fields" ? "anew" : undefined);
      expect(seen.all("host")).toEqual(["inner.test"]);
      expect(seen.field("x-forwarded-for")).toBe("127.0.0.1");
      expect(head.field("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(head.field("x-answered")).toBe("yes");
      if (way !== "none") return;
      // What is vouched for is known of a request as long as nobody makes it anew by other means.
      expect(seen.field("x-set")).toBe("1");
      expect(seen.field("x-request-id")).toBe(head.field("x-request-id"));
      expect(seen.field("x-forwarded-prefix")).toBe("/api");
      expect(seen.field("x-forwarded-host")).toBe("lb.test");
    },
  );

  test.each(WAYS)("passes bodies of known and unknown length, and none, by %s", async (way) => {
    const bodies: string[] = [];
    backend.script = async (seen) => {
      bodies.push((await seen.wire.body(seen.head)).toString());
      seen.wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    };
    const anew = `X-Anew: ${way}`;
    const long = "x".repeat(90_000);
    for (const [fields, body] of [
      [["Content-Length: 3"], "abc"],
      [["Content-Length: 90000"], long],
      [["Transfer-Encoding: chunked"], "3\r\nabc\r\n0\r\n\r\n"],
      [["Content-Length: 0"], ""],
      [[], ""],
    ] as const) {
      const before = backend.seen.length;
      const { head } = await ask(program.url, request("POST", "/api/?", [anew, ...fields], body));
      expect(head.status).toBe(200);
      const { head: seen } = await backend.nextAfter(before);
      // What was not there must not become a body of no length.
      if (body === "") expect(seen.field("transfer-encoding")).toBeUndefined();
    }
    expect(bodies).toEqual(["abc", long, "abc", "", ""]);
  });

  test.each(WAYS)("tells the backend of a client that leaves, by %s", async (way) => {
    backend.script = () => {};
    const before = backend.seen.length;
    const client = await dial(program.url);
    client.send(request("GET", "/api/", [`X-Anew: ${way}`]));
    const seen = await backend.nextAfter(before);
    client.destroy();
    await within(2_000, "the backend's connection to close", seen.wire.closed);
  });

  test("refuses a body that turns out to be too long", async () => {
    backend.script = async (seen) => {
      await seen.wire.body(seen.head).catch(() => {});
    };
    const chunk = `c350\r\n${"x".repeat(50_000)}\r\n`;
    const body = `${chunk.repeat(3)}0\r\n\r\n`;
    const { head } = await ask(program.url, request("POST", "/api/", ["Transfer-Encoding: chunked"], body));
    expect(head.status).toBe(413);
    const known = await ask(
      program.url,
      request("POST", "/api/", ["Content-Length: 100001"], "x".repeat(100_001)),
    );
    expect(known.head.status).toBe(413);
  });

  test("breaks off an answer that turns out to be too long", async () => {
    backend.script = ({ wire }) => {
      const chunk = `c350\r\n${"x".repeat(50_000)}\r\n`;
      wire.send(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(3)}0\r\n\r\n`);
    };
    const client = await dial(program.url);
    client.send(request("GET", "/api/"));
    await expect(readAnswer(client, "GET")).rejects.toThrow("the connection ended before");
    client.destroy();
  });

  test("answers HEAD without a body, and keeps what the backend said of its length", async () => {
    backend.script = ({ wire }) => wire.send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
    const { head, body } = await ask(program.url, request("HEAD", "/api/"));
    expect([head.status, head.field("content-length"), body.length]).toEqual([200, "7", 0]);
  });

  test("answers for a faulty middleware, tells of it, and goes on", async () => {
    const { head, body } = await ask(program.url, request("GET", "/api/", ["X-Faulty: 1"]));
    expect([head.status, head.field("x-answered")]).toEqual([500, "yes"]);
    expect(JSON.parse(body.toString()).title).toBe("Internal Server Error");
    await until("the fault was told", () => program.told.some(({ failed }) => failed?.url === "faulty"));
    expect((await ask(program.url, request("GET", "/api/"))).head.status).toBe(200);
  });
});
