/** How much clients may take, in all and each. */
import { expect, test } from "bun:test";
import { request } from "../raw/client.ts";
import { answer, statuses, VirtualFront } from "./virtual-front.ts";

const GET = request("GET", "/");

test("a connection too many is told so and closed, and the next one is served once there is room", async () => {
  const front = await VirtualFront.start({ front: { maxConnections: 2 } });
  const [first, second] = [front.client(), front.client()];
  const third = front.client();
  expect([statuses(third), third.isShut]).toEqual([[503], true]);
  expect(third.written).toContain("\r\nretry-after: 1\r\n");
  third.receive(GET);
  expect(front.dialled).toBe(0);
  third.end();
  expect([third.isClosed, third.isDestroyed]).toEqual([true, false]);
  second?.end();
  const fourth = front.client();
  fourth.receive(GET);
  front.backend().receive(answer("ok"));
  expect([statuses(fourth), first?.isClosed]).toEqual([[200], false]);
});

test("those that are turned away are not waited for, and are so many at most", async () => {
  const front = await VirtualFront.start({ front: { maxConnections: 1 } });
  const first = front.client();
  const turned = Array.from({ length: 2_000 }, () => front.client());
  // So many are told, and more are not worth it.
  expect(turned.filter((client) => client.isShut && !client.isClosed).length).toBe(256);
  expect(turned.filter((client) => client.isDestroyed && client.written === "").length).toBe(2_000 - 256);
  front.clock.advance(3_000);
  expect(turned.filter((client) => !client.isClosed)).toEqual([]);
  first.end();
  expect(front.client().isShut).toBe(false);
});
