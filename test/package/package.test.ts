/** The npm package as somebody else gets it: packed, installed in an empty folder, and used from plain JavaScript. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");
const BUN = process.execPath;
const DENO = join(ROOT, "node_modules/.bin/deno");
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

/** Balances over one backend in each runtime, with its own adapter, and prints what came back. */
const PROGRAM = (runtime: string) => `
import { createLoadBalancer, ConfigError } from "lb";
import { serve } from "lb/${runtime}";

try { createLoadBalancer({ backends: [] }); } catch (error) { if (!(error instanceof ConfigError)) throw error; }
const backend = await serve({ fetch: async (request) => new Response("hello " + new URL(request.url).pathname) }, { port: 0, hostname: "127.0.0.1" });
const lb = createLoadBalancer({ backends: [backend.url] });
const front = await serve(lb, { port: 0, hostname: "127.0.0.1" });
const answer = await fetch(front.url + "/from-${runtime}");
const status = await (await fetch(front.url + "/lb-status")).json();
const guarded = createLoadBalancer({
  backends: [backend.url],
  middleware: [{ jwt: { algorithms: ["HS256"], secret: "0123456789abcdef0123456789abcdef" } }],
});
const bad = await guarded.fetch(new Request("http://lb/", { headers: { authorization: "Bearer a.b.c" } }));
const users = { ada: "$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$bm9zdWNoaGFzaG5vc3VjaGhhc2g" };
const known = createLoadBalancer({ backends: [backend.url], middleware: [{ basicAuth: { users } }] });
const wrong = await known.fetch(new Request("http://lb/", { headers: { authorization: "Basic " + btoa("ada:no") } }));
console.log(answer.status, await answer.text(), status.backends.length, bad.status, wrong.status);
await front.close(1000);
await backend.close(1000);
`;

/** The same with the front and the transport on raw sockets, which are one for all runtimes; closed in the middle of a request. */
const RAW_PROGRAM = `
import { createLoadBalancer } from "lb";
import { serve } from "lb/front";
import { http1Transport } from "lb/http1";

const [origin] = (globalThis.Deno?.args ?? process.argv.slice(2));
const lb = createLoadBalancer({ backends: [origin] }, { transport: http1Transport() });
const front = await serve(lb, { port: 0, hostname: "127.0.0.1", keepAliveMs: 5_000 });
const got = await (await fetch(front.url + "/got")).text();
const posted = await (await fetch(front.url + "/posted", { method: "POST", body: "body" })).text();
const status = await (await fetch(front.url + "/lb-status")).json();
const slow = fetch(front.url + "/slow").then((answer) => answer.text());
while (lb.status().inFlight === 0) await new Promise((resolve) => setTimeout(resolve, 10));
await front.close(10_000);
const refused = await fetch(front.url).then(() => "answered", () => "refused");
console.log([got, posted, status.backends[0].requests, await slow, refused].join());
`;

const TYPED_PROGRAM = `
import { createLoadBalancer, MemoryState, pickBy, type Backend, type LoadBalancer, type LoadBalancerConfig, type Middleware, type RouteConfig, type Picker, type PickerFactory } from "lb";
import { serve, type FrontListenOptions, type Listener } from "lb/front";
import { http1Transport } from "lb/http1";
const config: LoadBalancerConfig = { backends: ["http://localhost:8081"] };
export const lb: LoadBalancer = createLoadBalancer(config);
const last: PickerFactory = (): Picker => {
  let ready: readonly Backend[] = [];
  return { keySource: "cookie:sid", rebuild: (now) => { ready = now; }, pick: () => ready[ready.length - 1] as Backend };
};
createLoadBalancer({ ...config, algorithm: last });
createLoadBalancer({ ...config, algorithm: pickBy((ready, key, random) => ready[random.below(ready.length)], "header:x-user") });
createLoadBalancer({ ...config, algorithm: "header:X-User", hashBalanceFactor: false });
const passing: Middleware = (request, next, { route }) => (route === "" ? new Response() : next(request));
const pools = { api: { backends: ["http://a:1"] } };
const routes: RouteConfig[] = [{ match: { path: "/v1/*" }, pool: "api", middleware: [{ stripPrefix: "/v1" }, passing] }];
createLoadBalancer({ pools, routes }, { shared: new MemoryState() });
// @ts-expect-error: an algorithm is one of those there are.
createLoadBalancer({ backends: [], algorithm: "round-robbin" });
const options: FrontListenOptions = { port: 8080, maxConnections: 1_000, tls: { cert: "", key: "" } };
const relaying = createLoadBalancer(config, { transport: http1Transport() });
export const listener: Promise<Listener> = serve(relaying, options);
// @ts-expect-error: times have their unit in the name.
serve(lb, { keepAlive: 1 });
`;

let folder: string;

async function run(command: string[], cwd: string): Promise<string> {
  const child = Bun.spawn(command, { cwd, stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  expect({ command, exitCode: await child.exited, out, err }).toMatchObject({ command, exitCode: 0 });
  return out.trim();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lb-package-"));
  await run([BUN, "build.ts", "--package"], ROOT);
  await run(["npm", "pack", "--pack-destination", folder], ROOT);
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ name: "user", type: "module", private: true }),
  );
  const [tarball] = await Array.fromAsync(new Bun.Glob("lb-*.tgz").scan(folder));
  // Offline: the package must need nothing else.
  await run(["npm", "install", "--offline", "--no-audit", "--no-fund", `./${tarball}`], folder);
  for (const runtime of ["bun", "deno", "node"]) {
    await writeFile(join(folder, `${runtime}.mjs`), PROGRAM(runtime));
  }
  await writeFile(join(folder, "raw.mjs"), RAW_PROGRAM);
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test("brings no other package along", async () => {
  const lock = await Bun.file(join(folder, "package-lock.json")).json();
  expect(Object.keys(lock.packages)).toEqual(["", "node_modules/lb"]);
});

test("holds the library alone: no command line, no tests", async () => {
  const files = await Array.fromAsync(new Bun.Glob("**").scan(join(folder, "node_modules/lb")));
  const folders = new Set(files.map((file) => file.split("/").slice(0, 2).join("/")));
  expect(files).toContain("dist/index.js");
  expect([...folders].filter((path) => /cli|main|test/.test(path))).toEqual([]);
});

const RUNTIMES = [
  ["node", ["node"]],
  ["bun", [BUN]],
  ["deno", [DENO, "run", "--allow-all"]],
] as const;

test.each(RUNTIMES)("balances from plain %s", async (runtime, command) => {
  expect(await run([...command, `${runtime}.mjs`], folder)).toBe(`200 hello /from-${runtime} 1 401 401`);
});

test.each(RUNTIMES)(
  "relays on raw sockets in plain %s, and is closed before the program ends",
  async (_, command) => {
    using backend = Bun.serve({
      port: 0,
      fetch: async (request) => {
        const { pathname } = new URL(request.url);
        // Longer than a front goes on as before when it is closed.
        if (pathname === "/slow") await Bun.sleep(600);
        return new Response(`${request.method} ${pathname} ${await request.text()}`);
      },
    });
    const said = await run([...command, "raw.mjs", `http://127.0.0.1:${backend.port}`], folder);
    expect(said).toBe("GET /got ,POST /posted body,2,GET /slow ,refused");
  },
);

test("has types that hold without any other types", async () => {
  await writeFile(join(folder, "typed.ts"), TYPED_PROGRAM);
  const options = ["--noEmit", "--strict", "--target", "es2023", "--module", "nodenext", "--types", ""];
  await run([BUN, TSC, ...options, "typed.ts"], folder);
}, 30_000);
