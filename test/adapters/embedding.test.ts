import { afterAll, describe, expect, test } from "bun:test";
import { RawBackend, refusedPort, type Script } from "../raw/backend.ts";
import { ask, dial, finalHead, readAnswer, request } from "../raw/client.ts";
import { until, within } from "../raw/within.ts";
import { Program, type Runtime, removeBundles } from "./runtime.ts";
import { BUN_RUNTIME, DENO_RUNTIME, NODE_RUNTIME } from "./runtimes.ts";

const CASES: readonly (readonly [title: string, runtime: Runtime, file: string, hasOtherRoutes: boolean])[] =
  [
    ["export default in Bun", BUN_RUNTIME, "embedded-default.ts", false],
    ["Deno.serve", DENO_RUNTIME, "embedded-deno.ts", false],
    ["a Hono route in Bun", BUN_RUNTIME, "embedded-hono.ts", true],
    ["a Hono route in Node", NODE_RUNTIME, "embedded-hono.ts", true],
    ["somebody's node:http server", NODE_RUNTIME, "embedded-node.ts", true],
    ["the front on raw sockets, in Bun", BUN_RUNTIME, "embedded-front.ts", false],
    ["the front on raw sockets, in Deno", DENO_RUNTIME, "embedded-front.ts", false],
    ["the front on raw sockets, in Node", NODE_RUNTIME, "embedded-front.ts", false],
  ];

const echo: Script = async ({ head, wire }) => {
  const body = await wire.body(head);
  wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body.toString("latin1")}`);
};

/** Runs one of the programs before a backend. */
async function withProgram(
  runtime: Runtime,
  file: string,
  use: (url: string, backend: RawBackend) => Promise<void>,
): Promise<void> {
  const backend = await RawBackend.listen(echo);
  const env = { BUN_PORT: String(await refusedPort()), NODE_ENV: "production" };
  const program = await Program.start(runtime, file, { backends: [backend.url], healthCheck: false }, env);
  try {
    await until("it takes connections", async () => {
      const wire = await dial(program.url).catch(() => undefined);
      wire?.destroy();
      return wire !== undefined;
    });
    await use(program.url, backend);
  } finally {
    await program.kill();
    await backend.close();
  }
}

describe.each(CASES)("a load balancer in %s", (_title, runtime, file, hasOtherRoutes) => {
  afterAll(removeBundles);

  test("forwards, and knows the client", async () => {
    await withProgram(runtime, file, async (url, backend) => {
      const { head, body } = await ask(url, request("POST", "/api/a?b=%2f", ["Content-Length: 3"], "abc"));
      expect([head.status, body.toString()]).toEqual([200, "abc"]);
      const seen = await backend.nextAfter(0);
      expect(seen.head.target).toBe("/api/a?b=%2f");
      expect(seen.head.field("host")).toBe("lb.test");
      expect(seen.head.field("x-forwarded-for")).toBe("127.0.0.1");
      if (hasOtherRoutes) {
        expect((await ask(url, request("GET", "/hello"))).body.toString()).toBe("hello");
        expect(backend.seen.length).toBe(1);
      }
    });
  });

  test("streams both ways, and tells the backend of a client that leaves", async () => {
    await withProgram(runtime, file, async (url, backend) => {
      backend.script = async ({ head, wire }) => {
        wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for await (const part of wire.parts(head)) wire.send(`${part.length.toString(16)}\r\n${part}\r\n`);
      };
      const client = await dial(url);
      client.send(request("POST", "/api/", ["Transfer-Encoding: chunked"], "3\r\nabc\r\n"));
      const head = await finalHead(client);
      const parts: string[] = [];
      for await (const part of client.parts(head)) {
        parts.push(part.toString());
        if (parts.length === 2) break;
        client.send("3\r\ndef\r\n");
      }
      expect(parts).toEqual(["abc", "def"]);
      const seen = await backend.nextAfter(0);
      client.destroy();
      await within(1_000, "the backend's connection to close", seen.wire.closed);
    });
  });

  test("never makes a broken body look whole", async () => {
    await withProgram(runtime, file, async (url, backend) => {
      backend.script = ({ wire }) => {
        wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        wire.end();
      };
      const client = await dial(url);
      client.send(request("GET", "/api/"));
      await expect(readAnswer(client, "GET")).rejects.toThrow("the connection ended before");
      client.destroy();
    });
  });
});
