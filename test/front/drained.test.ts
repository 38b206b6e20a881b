import { expect, test } from "bun:test";
import { request } from "../raw/client.ts";
import { ScriptedFront } from "./scripted-front.ts";

const answer = (text: string) =>
  `HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: ${text.length}\r\n\r\n${text}`;

test("a socket that reports room ends no request before its answer", async () => {
  const front = await ScriptedFront.listen();
  const client = front.client();
  client.receive(request("GET", "/1") + request("GET", "/2") + request("GET", "/3"));
  const backend = front.backend();
  expect(backend.taken()).toStartWith("GET /1 ");
  backend.receive(answer("one"));
  expect(client.taken()).toBe(answer("one"));
  expect(backend.taken()).toStartWith("GET /2 ");
  // Nothing was held up; a runtime may say so all the same.
  client.drain();
  expect(() => front.backend()).toThrow("no other connection was made");
  expect(backend.taken()).toBe("");
  expect(front.balancer.status().inFlight).toBe(1);
  backend.receive(answer("two"));
  expect(client.taken()).toBe(answer("two"));
  expect(backend.taken()).toStartWith("GET /3 ");
  backend.receive(answer("three"));
  expect(client.taken()).toBe(answer("three"));
  expect(front.balancer.status().inFlight).toBe(0);
});
