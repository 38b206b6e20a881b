/** A socket that takes only part of a head must have the rest before it gets anything of the body. */
import { expect, test } from "bun:test";
import { type Socket, type SocketEvents, Written } from "../../../src/sockets/socket.ts";
import { systemClock } from "../../../src/system.ts";
import { Http1Transport } from "../../../src/transport/http1.ts";
import { until } from "../../raw/within.ts";
import { backendAt, outbound } from "./sent.ts";

/** Takes bytes, but says that it is full after each write, until it is told to drain. */
class FullSocket implements Socket {
  readonly isOpen = true;
  readonly peerAddress = "";
  readonly peerPort = 0;
  readonly written: string[] = [];
  readonly events: SocketEvents;

  constructor(events: SocketEvents) {
    this.events = events;
    queueMicrotask(() => events.opened());
  }

  write(bytes: Uint8Array): Written {
    this.written.push(new TextDecoder("latin1").decode(bytes));
    return Written.full;
  }

  writeCopy(buffer: Uint8Array, length: number): Written {
    return this.write(buffer.slice(0, length));
  }

  pause(): void {}
  resume(): void {}
  probeWhenSilent(): void {}
  setWaiting(): void {}
  shutdown(): void {}
  close(): void {}
  destroy(): void {}
}

test("a streamed body waits until the head has left", async () => {
  const sockets: FullSocket[] = [];
  const factory = {
    listen: () => Promise.reject(new Error("nobody listens here")),
    connect(_: unknown, events: SocketEvents) {
      const socket = new FullSocket(events);
      sockets.push(socket);
      return socket;
    },
  };
  const transport = new Http1Transport({}, systemClock, factory);
  const body = new Blob(["body"]).stream();
  const request = outbound("POST", "/", body, { "content-length": "4" });
  const answer = transport.send(backendAt("http://full.test:80"), request, new AbortController());
  await until("the head was written", () => sockets[0]?.written.length === 1);
  // Long enough for a stream in memory to be read, if anybody read it.
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  const [socket] = sockets;
  expect(socket?.written).toEqual(["POST / HTTP/1.1\r\nhost: lb.test\r\ncontent-length: 4\r\n\r\n"]);
  socket?.events.drained();
  await until("the body was written", () => socket?.written.length === 2);
  expect(socket?.written[1]).toBe("body");
  socket?.events.drained();
  socket?.events.received(new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  expect(await (await answer).text()).toBe("ok");
});
