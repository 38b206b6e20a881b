/** Sessions of the program, by flags: real servers, real clients, and workers. */
import { describe, expect, test } from "bun:test";
import { childrenOf } from "./process-tree.ts";
import { Program } from "./program.ts";
import { listeningUrl, Stage } from "./stage.ts";

const SECRET = "a secret that is long enough";
const FRONTS = ["http1", "web"] as const;

interface Answered {
  readonly server: string | null;
  /** The cookie that was set, as a client sends it back; undefined if none was. */
  readonly cookie: string | undefined;
}

/** Asks once, on a connection of its own, so that any worker may get it. */
async function ask(url: string, headers: Record<string, string> = {}): Promise<Answered> {
  const response = await fetch(url, { headers: { connection: "close", ...headers } });
  await response.text();
  expect(response.status).toBe(200);
  const [line] = response.headers.getSetCookie();
  return { server: response.headers.get("x-server"), cookie: line?.split(";", 1)[0] };
}

/** Asks so many times with this cookie, and gives every server that answered. No answer may set another. */
async function serversOf(url: string, cookie: string, count: number): Promise<Set<string | null>> {
  const servers = new Set<string | null>();
  for (let asked = 0; asked < count; asked++) {
    const answered = await ask(url, { cookie });
    expect(answered.cookie).toBeUndefined();
    servers.add(answered.server);
  }
  return servers;
}

describe.each(FRONTS)("--front %s", (front) => {
  test("--sticky cookie keeps each client at its server, and moves it when that ends", async () => {
    await using stage = await Stage.start(3, "--sticky", "cookie:route", "--front", front);
    const first = await ask(stage.url);
    const cookie = first.cookie ?? "";
    expect(cookie).toMatch(/^route=[\w-]{43}$/);
    expect(await serversOf(stage.url, cookie, 6)).toEqual(new Set([first.server]));
    const ended = stage.servers[Number(first.server?.slice("Server-".length)) - 1] as Program;
    await ended[Symbol.asyncDispose]();
    const moved = await ask(stage.url, { cookie });
    expect(moved.server).not.toBe(first.server);
    expect(moved.cookie).toMatch(/^route=[\w-]{43}$/);
    expect(await serversOf(stage.url, moved.cookie ?? "", 6)).toEqual(new Set([moved.server]));
  }, 60_000);

  test("--sticky header: and ip keep sessions without a cookie", async () => {
    await using stage = await Stage.start(2, "--sticky", "header:X-Session", "--front", front);
    for (const session of ["ada", "bob", "ada", "ada", "bob", "bob"]) {
      expect(await ask(stage.url, { "x-session": session })).toEqual({
        server: session === "ada" ? "Server-1" : "Server-2",
        cookie: undefined,
      });
    }
    await using byAddress = new Program([
      "--port=0",
      `--backends=${stage.origins.join()}`,
      "--sticky=ip",
      `--front=${front}`,
    ]);
    const url = await listeningUrl(byAddress);
    const servers = new Set<string | null>();
    for (let asked = 0; asked < 6; asked++) servers.add((await ask(url)).server);
    expect(servers.size).toBe(1);
  }, 60_000);
});

test("a balancer that starts again with the same secret knows its cookies, another secret's are none", async () => {
  await using stage = await Stage.start(2, "--sticky", "cookie", "--sticky-secret", SECRET);
  await ask(stage.url);
  const { server, cookie = "" } = await ask(stage.url);
  expect(server).toBe("Server-2");
  const again = async (secret: string) => {
    const words = [
      "--port=0",
      `--backends=${stage.origins.join()}`,
      "--sticky=cookie",
      `--sticky-secret=${secret}`,
    ];
    await using program = new Program(words);
    return await ask(await listeningUrl(program), { cookie });
  };
  expect(await again(SECRET)).toEqual({ server, cookie: undefined });
  const other = await again(`another ${SECRET}`);
  expect([other.server, other.cookie === undefined]).toEqual(["Server-1", false]);
}, 60_000);

test.skipIf(process.platform !== "linux")(
  "workers take each other's cookies, also those that were started again",
  async () => {
    await using stage = await Stage.start(3, "--sticky", "cookie", "--workers", "2");
    await stage.balancer.wrote(/2 workers share the port/);
    const { server, cookie = "" } = await ask(stage.url);
    // Of thirty connections, none falls to one of two workers once in 2^29 times.
    expect(await serversOf(stage.url, cookie, 30)).toEqual(new Set([server]));
    process.kill(childrenOf(stage.balancer.pid)[0] as number, "SIGKILL");
    await stage.balancer.wrote(/worker \d is back/);
    expect(await serversOf(stage.url, cookie, 30)).toEqual(new Set([server]));
  },
  60_000,
);
