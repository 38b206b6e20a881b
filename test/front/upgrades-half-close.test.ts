import { expect, test } from "bun:test";
import type { Script } from "../raw/backend.ts";
import { dial } from "../raw/client.ts";
import type { Wire } from "../raw/wire.ts";
import { OFFER, SWITCHED, switching, UpgradeStage } from "./upgrade-stage.ts";

/** A tunnel's two ends. */
async function tunnel(stage: UpgradeStage): Promise<[client: Wire, backend: Wire]> {
  const count = stage.backend.seen.length;
  const client = await dial(stage.url, true);
  client.send(OFFER);
  expect((await client.head()).status).toBe(101);
  return [client, (await stage.backend.nextAfter(count)).wire];
}

const LARGE = Buffer.alloc(8_000_000, "0123456789abcdef~");

test("the client ends first: the backend learns of it, and answers after that", async () => {
  await using stage = await UpgradeStage.start([switching]);
  const [client, backend] = await tunnel(stage);
  client.send("question");
  client.end();
  expect((await backend.rest()).toString()).toBe("question");
  await stage.inFlight(1);
  backend.send("answer");
  expect((await client.bytes(6)).toString()).toBe("answer");
  backend.send(", at length");
  backend.end();
  expect((await client.rest()).toString()).toBe(", at length");
  await Promise.all([client.closed, backend.closed]);
  await stage.inFlight(0);
});

test("the backend ends first: the client gets all of it, and goes on sending", async () => {
  await using stage = await UpgradeStage.start([switching]);
  const [client, backend] = await tunnel(stage);
  backend.send(LARGE);
  backend.end();
  expect((await client.rest()).equals(LARGE)).toBe(true);
  await stage.inFlight(1);
  client.send("still ");
  expect((await backend.bytes(6)).toString()).toBe("still ");
  client.send("there");
  client.end();
  expect((await backend.rest()).toString()).toBe("there");
  await Promise.all([client.closed, backend.closed]);
  await stage.inFlight(0);
});

test("both end at once, with a lot under way in both directions", async () => {
  await using stage = await UpgradeStage.start([switching]);
  const [client, backend] = await tunnel(stage);
  for (const wire of [client, backend]) {
    wire.send(LARGE);
    wire.end();
  }
  const [down, up] = await Promise.all([client.rest(), backend.rest()]);
  expect([down.equals(LARGE), up.equals(LARGE)]).toEqual([true, true]);
  await Promise.all([client.closed, backend.closed]);
  await stage.inFlight(0);
});

test.each(["client", "backend"] as const)(
  "what the %s sent before its end arrives after any pause",
  async (first) => {
    await using stage = await UpgradeStage.start([switching]);
    const [client, backend] = await tunnel(stage);
    const [sender, reader] = first === "client" ? [client, backend] : [backend, client];
    reader.socket.pause();
    sender.send(LARGE);
    sender.end();
    // The other direction is open meanwhile.
    reader.send("ping");
    expect((await sender.bytes(4)).toString()).toBe("ping");
    reader.end();
    expect((await sender.rest()).length).toBe(0);
    expect(reader.socket.bytesRead).toBeLessThan(LARGE.length);
    reader.socket.resume();
    expect((await reader.rest()).equals(LARGE)).toBe(true);
    await stage.inFlight(0);
  },
);

test("bytes that come with the offer wait for the answer, and the end that comes with them too", async () => {
  const early = Promise.withResolvers<void>();
  const script: Script = async ({ wire }) => {
    await early.promise;
    expect(wire.socket.bytesRead).toBeLessThan(1_000);
    wire.send(SWITCHED);
    await wire.closed;
  };
  await using stage = await UpgradeStage.start([script]);
  const client = await dial(stage.url, true);
  client.send(Buffer.concat([Buffer.from(OFFER), LARGE]));
  client.end();
  const { wire: backend } = await stage.backend.nextAfter(0);
  early.resolve();
  expect((await client.head()).status).toBe(101);
  expect((await backend.rest()).equals(LARGE)).toBe(true);
  backend.send("got it");
  backend.end();
  expect((await client.rest()).toString()).toBe("got it");
  await stage.inFlight(0);
});

test("bytes that come with an offer that is declined are the next request", async () => {
  await using stage = await UpgradeStage.start([
    ({ wire }) => wire.send("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"),
  ]);
  const client = await dial(stage.url);
  client.send(`${OFFER}\x81\x85not HTTP at all\r\n\r\n`);
  expect((await client.head()).startLine).toBe("HTTP/1.1 400 No");
  const { startLine, names } = await client.head();
  expect([startLine, names.includes("via")]).toEqual(["HTTP/1.1 400 Bad Request", false]);
  expect(stage.backend.seen).toHaveLength(1);
  client.destroy();
});

test("a client that resets the connection takes the backend's with it", async () => {
  await using stage = await UpgradeStage.start([switching]);
  const [client, backend] = await tunnel(stage);
  client.reset();
  await backend.closed;
  expect(backend.socket.errored).toHaveProperty("code", "ECONNRESET");
  await stage.inFlight(0);
});

test("a backend that resets the connection takes the client's with it", async () => {
  await using stage = await UpgradeStage.start([switching]);
  const [client, backend] = await tunnel(stage);
  backend.reset();
  await client.closed;
  expect(client.socket.errored).toHaveProperty("code", "ECONNRESET");
  await stage.inFlight(0);
});
