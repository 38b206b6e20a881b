import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Program } from "./program.ts";
import { listeningUrl } from "./stage.ts";

const SERVERS = ["Server-1", "Server-2", "Server-3"] as const;
const FRONTS = ["http1", "web"] as const;
/** So many that none of three servers is left out by chance: once in four million runs. */
const KEYS = 40;

let servers: readonly Program[] = [];
let origins: readonly string[] = [];

beforeAll(async () => {
  servers = SERVERS.map((name) => new Program(["test-server", "--port", "0", "--name", name]));
  origins = await Promise.all(servers.map(listeningUrl));
});

afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
});

/** A balancer over the servers, for as long as it is used. */
async function balancing(
  algorithm: string,
  front: string,
  ...flags: readonly string[]
): Promise<{ url: string } & AsyncDisposable> {
  const program = new Program([
    "--port=0",
    `--backends=${origins.join()}`,
    `--algorithm=${algorithm}`,
    `--front=${front}`,
    ...flags,
  ]);
  const url = await listeningUrl(program);
  await program.wrote(new RegExp(`${algorithm} over 3 backends`));
  return { url, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}

/** Who answered so many requests, one after another, that differ in what `of` says. */
async function answerersOf(
  url: string,
  count: number,
  of: (index: number) => { readonly path?: string; readonly headers?: Record<string, string> },
): Promise<string[]> {
  const answerers: string[] = [];
  for (let index = 0; index < count; index++) {
    const { path = "/", headers = {} } = of(index);
    const response = await fetch(url + path, { headers });
    await response.text();
    expect(response.status).toBe(200);
    answerers.push(response.headers.get("x-server") ?? "nobody");
  }
  return answerers;
}

describe.each(["random", "power-of-two", "peak-ewma"])("--algorithm %s", (algorithm) => {
  test("serves, from backends that there are", async () => {
    await using balancer = await balancing(algorithm, "http1");
    const answerers = await answerersOf(balancer.url, 12, () => ({}));
    expect(answerers.filter((name) => !SERVERS.some((known) => known === name))).toEqual([]);
  });
});

describe.each(["round-robin", "least-connections"])("--algorithm %s", (algorithm) => {
  test("serves from each in turn", async () => {
    await using balancer = await balancing(algorithm, "http1");
    const answerers = await answerersOf(balancer.url, 9, () => ({}));
    expect(answerers).toEqual([...SERVERS, ...SERVERS, ...SERVERS]);
  });
});

test("--algorithm first serves from the first that is up", async () => {
  await using balancer = await balancing("first", "http1");
  expect(await answerersOf(balancer.url, 5, () => ({}))).toEqual(new Array<string>(5).fill("Server-1"));
});

/** Addresses are to be what a header says; and an exchange that ends a moment late must not count as load. */
const KEYED_FLAGS = ["--trusted-proxies=127.0.0.0/8,::1", "--hash-balance-factor=off"];

describe.each([
  ["uri-hash", (key: number) => ({ path: `/items/${key}?q=1` })],
  ["header:X-User", (key: number) => ({ headers: { "x-user": `user ${key}` } })],
  ["cookie:sid", (key: number) => ({ headers: { cookie: `lang=en; sid=${key}` } })],
  ["ip-hash", (key: number) => ({ headers: { "x-forwarded-for": `203.0.113.${key}` } })],
] as const)("--algorithm %s", (algorithm, of) => {
  test("serves each key from one backend, the same whatever the front", async () => {
    const homes: string[][] = [];
    for (const front of FRONTS) {
      await using balancer = await balancing(algorithm, front, ...KEYED_FLAGS);
      homes.push(await answerersOf(balancer.url, KEYS, of));
      homes.push(await answerersOf(balancer.url, KEYS, of));
    }
    expect(new Set(homes[0]).size).toBe(3);
    for (const same of homes.slice(1)) expect(same).toEqual(homes[0] as string[]);
  });
});
