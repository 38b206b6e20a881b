/** Requests that are relayed while the balancer goes over to another config. */
import { expect, test } from "bun:test";
import { request } from "../raw/client.ts";
import { VirtualFront } from "./virtual-front.ts";

const get = (path: string) => request("GET", path);

test("an answer under way goes on, and the next request on its connection goes by what is new", async () => {
  const front = await VirtualFront.start({});
  const client = front.client();
  client.receive(get("/stream"));
  const backend = front.backend();
  backend.receive("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
  front.balancer.reconfigure({ backends: ["http://new:1"], healthCheck: false, statusPath: "/how" });
  backend.receive("3\r\ntwo\r\n0\r\n\r\n");
  expect(client.written).toEndWith("3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
  client.receive(get("/next"));
  expect(front.balancer.status().backends).toMatchObject([{ url: "http://new:1", requests: 1, inFlight: 1 }]);
  expect(backend.written).not.toContain("/next");
  const other = front.client();
  other.receive(get("/lb-status") + get("/how"));
  expect(front.balancer.status().inFlight).toBe(2);
});
