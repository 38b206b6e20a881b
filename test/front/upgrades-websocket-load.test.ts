import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { until } from "../raw/within.ts";
import { Program } from "../system/program.ts";
import { listeningUrl } from "../system/stage.ts";
import { webSocketUrl } from "./websocket/balancers.ts";
import { Peer } from "./websocket/peer.ts";

const MIB = 1_048_576;

/** Messages of a flood: each is its number, again and again. */
const FLOOD = { messages: 768, bytes: MIB / 4 };
const FLOOD_BYTES = FLOOD.messages * FLOOD.bytes;

/** What all of a flood hashes to. */
function floodHash(): string {
  const hash = createHash("sha256");
  for (let index = 0; index < FLOOD.messages; index++) hash.update(Buffer.alloc(FLOOD.bytes, `${index} `));
  return hash.digest("hex");
}

/** Waits until a number has stood still for a while, and gives it. */
async function settled(what: string, read: () => Promise<number>): Promise<number> {
  let last = -1;
  let seen = 0;
  await until(`${what} stands still`, async () => {
    const now = await read();
    seen = now === last ? seen + 1 : 0;
    last = now;
    return now > 0 && seen === 20;
  });
  return last;
}

let client: Peer;
let servers: readonly Peer[];
let origins: readonly string[];
let balancer: Program;
let url: string;
const at = (path: string) => webSocketUrl(url, path);

beforeEach(async () => {
  client = await Peer.start("client");
  servers = await Promise.all([Peer.start("server"), Peer.start("server")]);
  const ports = await Promise.all(servers.map((server) => server.tell<{ port: number }>("listen")));
  origins = ports.map(({ port }) => `http://127.0.0.1:${port}`);
  balancer = new Program(["--port", "0", "--backends", origins.join(","), "--health-check-interval", "1h"]);
  url = await listeningUrl(balancer);
});

afterEach(async () => {
  for (const each of [client, balancer, ...servers]) await each[Symbol.asyncDispose]();
});

async function status() {
  return (await (await fetch(`${url}/lb-status`)).json()) as {
    inFlight: number;
    backends: { url: string; alive: boolean; inFlight: number }[];
  };
}

test("two thousand WebSockets at once, each with a token of its own, on two backends in equal parts", async () => {
  const opened = client.tell("many", { url: at("/echo"), count: 2_000 });
  await until("all are open", async () => (await status()).inFlight === 2_000, 30_000);
  expect((await status()).backends.map(({ inFlight }) => inFlight)).toEqual([1_000, 1_000]);
  await client.tell("release");
  expect(await opened).toEqual({ own: 2_000, closed: 2_000 });
  await until("none is under way", async () => (await status()).inFlight === 0);
}, 60_000);

describe.skipIf(process.platform !== "linux")("while one side reads nothing", () => {
  /** Memory that `lb` holds, in bytes. */
  const held = () =>
    Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${balancer.pid}/status`, "utf8"))?.[1]) * 1024;

  const accounts = async (path: string) => {
    const all = servers.map((server) =>
      server.tell<{ sent: number; closed: unknown }[]>("accounts", { path }),
    );
    return (await Promise.all(all)).flat();
  };

  test("the server is held up, lb's memory is bounded, and nothing is lost", async () => {
    const before = held();
    await client.tell("stand", { url: at(`/flood?messages=${FLOOD.messages}`) });
    const sent = await settled(
      "what the server has sent",
      async () => (await accounts("/flood"))[0]?.sent ?? 0,
    );
    expect(sent).toBeLessThan(FLOOD_BYTES / 2);
    expect(held() - before).toBeLessThan(32 * MIB);
    expect(await client.tell("readOn")).toEqual({
      received: FLOOD_BYTES,
      hash: floodHash(),
      closed: [1000, "that was all"],
    });
    expect(held() - before).toBeLessThan(96 * MIB);
  }, 60_000);

  test("the client is held up, lb's memory is bounded, and nothing is lost", async () => {
    const before = held();
    await client.tell("flood", { url: at("/still"), ...FLOOD });
    const sent = await settled("what the client has sent", () => client.tell<number>("sent"));
    expect(sent).toBeLessThan(FLOOD_BYTES / 2);
    expect(held() - before).toBeLessThan(32 * MIB);
    for (const server of servers) await server.tell("read");
    expect(await client.tell("ended")).toEqual([1000, ""]);
    expect(await accounts("/still")).toMatchObject([
      { received: FLOOD_BYTES, hash: floodHash(), closed: [1000, ""] },
    ]);
    expect(held() - before).toBeLessThan(96 * MIB);
  }, 60_000);
});

test("a server that is killed takes its WebSockets with it, and the next go to another", async () => {
  await client.tell("keep", { url: at("/echo") });
  expect(await client.tell<string>("ask", { text: "a" })).toBe("a");
  const { backends } = await status();
  const victim = backends.findIndex(({ inFlight }) => inFlight === 1);
  await servers[victim]?.kill();
  expect(await client.tell("ended")).toEqual([1006, ""]);
  await client.tell("keep", { url: at("/echo") });
  expect(await client.tell<string>("ask", { text: "b" })).toBe("b");
  await client.tell("keep", { url: at("/echo") });
  expect(await client.tell<string>("ask", { text: "c" })).toBe("c");
  expect((await status()).backends.map(({ inFlight }) => inFlight)[1 - victim]).toBe(2);
});

test("a client that is killed takes its WebSockets with it", async () => {
  for (let turn = 0; turn < 4; turn++) await client.tell("keep", { url: at("/echo") });
  expect((await status()).inFlight).toBe(4);
  await client.kill();
  await until("none is under way", async () => (await status()).inFlight === 0);
  const all = await Promise.all(
    servers.map((server) => server.tell<{ closed: unknown }[]>("accounts", { path: "/echo" })),
  );
  expect(all.flat().map(({ closed }) => closed)).toEqual(Array(4).fill([1006, ""]));
});
