/** Clients that go on sending after they were told that it is over must still be able to read that (RFC 9112 §9.6). */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Listener } from "../../src/adapters/adapter.ts";
import { listenHttp1 } from "../../src/front/front.ts";
import { createLoadBalancer } from "../../src/load-balancer.ts";
import { http1Transport } from "../../src/transport/http1.ts";
import { RawBackend } from "../raw/backend.ts";
import { dial, readAnswer, request } from "../raw/client.ts";

let backend: RawBackend;
let listener: Listener;
beforeAll(async () => {
  backend = await RawBackend.listen();
  const balancer = createLoadBalancer(
    { backends: [backend.url], healthCheck: false },
    { transport: http1Transport() },
  );
  listener = await listenHttp1(balancer, { port: 0, hostname: "127.0.0.1" });
});
afterAll(async () => {
  await listener.close(0);
  await backend.close();
});

const MEGABYTE = Buffer.alloc(1 << 20, "m");

test.each([
  ["a head that is none", "GET / HTTP/1.1\r\nHost : lb.test\r\n\r\n", 400],
  ["a head that does not end", `GET / HTTP/1.1\r\n${"X-A: b\r\n".repeat(300)}`, 431],
  ["a head after one that was answered", `${request("GET", "/")}GET\r\n`, 400],
  ["a chunk that is none", request("POST", "/", ["Transfer-Encoding: chunked"], "x"), 400],
  ["a body that nobody wants", request("TRACE", "/", ["Content-Length: 99999999"]), 405],
])("%s", async (_, bytes, status) => {
  const wire = await dial(listener.url);
  wire.send(bytes);
  // It does not read before it has sent all that it has: far more than is read of it.
  const resets: string[] = [];
  wire.socket.on("error", ({ message }) => resets.push(message));
  const sent = Array.from({ length: 8 }, () => wire.sent(MEGABYTE));
  const answers: number[] = [];
  do answers.push((await readAnswer(wire, "POST")).head.status);
  while (answers.at(-1) === 200);
  expect(answers.at(-1)).toBe(status);
  expect(await wire.rest()).toBeEmpty();
  // A reset would take from it what it has not read yet.
  await Promise.all(sent);
  expect(resets).toEqual([]);
  wire.destroy();
});
