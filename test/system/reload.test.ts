/** A config that is read again while it runs: by a signal, a command, or because its file has changed. */
import { describe, expect, test } from "bun:test";
import { freePorts } from "../chaos/backend-process.ts";
import { TestFolder } from "../config-file/folder.ts";
import { ask, dial, request } from "../raw/client.ts";
import { until } from "../raw/within.ts";
import { makeCertificates } from "../transport/http1/certificates.ts";
import { Gate } from "./gate.ts";
import { Program, run } from "./program.ts";

const folder = new TestFolder();
const TOKEN = "a-token-for-the-tests";

/** A backend that says its name. */
function backend(name: string) {
  return Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(name) });
}

/** What is answered there, on a connection of its own. */
async function answerAt(url: string, path = "/"): Promise<string> {
  return (await ask(url, request("GET", path, ["Connection: close"]))).body.toString();
}

async function listening(program: Program): Promise<string> {
  const [, url = ""] = await program.wrote(/listening on (https?:\/\/\S+)/);
  await program.wrote(/ is up/);
  return url;
}

let count = 0;

/** A config file that can be written anew. */
function configFile() {
  const name = `reload-${++count}.json`;
  const write = (config: object | string) =>
    folder.write(name, typeof config === "string" ? config : JSON.stringify(config));
  return { name, write };
}

const QUICK = { healthCheck: { path: "/", intervalMs: 200, timeoutMs: 100 } };
const HERE = { listeners: [{ port: 0, host: "127.0.0.1" }], ...QUICK };

describe.each([["1"], ["2"]])("with %s workers", (workers) => {
  test("SIGHUP: other backends, at once, on the same connection", async () => {
    using a = backend("a");
    using b = backend("b");
    const file = configFile();
    const path = file.write({ ...HERE, backends: [a.url.origin] });
    await using balancer = new Program(["--config", path, "--workers", workers]);
    const url = await listening(balancer);
    const wire = await dial(url);
    wire.send(request("GET", "/"));
    expect((await wire.head()).startLine).toBe("HTTP/1.1 200 OK");
    expect((await wire.bytes(1)).toString()).toBe("a");
    file.write({ ...HERE, backends: [b.url.origin] });
    balancer.signal("SIGHUP");
    await balancer.wrote(/SIGHUP: the config was read again/);
    wire.send(request("GET", "/"));
    expect((await wire.head()).startLine).toBe("HTTP/1.1 200 OK");
    expect((await wire.bytes(1)).toString()).toBe("b");
    wire.destroy();
    balancer.signal("SIGTERM");
    expect(await balancer.exitCode).toBe(0);
  });

  test("a broken file changes nothing, is told with its line, and can be mended", async () => {
    using a = backend("a");
    using b = backend("b");
    const file = configFile();
    const path = file.write({ ...HERE, backends: [a.url.origin] });
    await using balancer = new Program(["--config", path, "--workers", workers]);
    const url = await listening(balancer);
    file.write('{\n  "backends": ["http://b:1"],\n  "retires": 1\n}\n');
    balancer.signal("SIGHUP");
    await balancer.wrote(new RegExp(`${file.name}:3:3: .*unknown key "retires"; did you mean retries\\?`));
    expect(await answerAt(url)).toBe("a");
    file.write({ ...HERE, backends: [b.url.origin] });
    balancer.signal("SIGHUP");
    await balancer.wrote(/the config was read again/);
    expect(await answerAt(url)).toBe("b");
  });

  test("lb reload asks for it by the admin listener, which lets in nobody without the token", async () => {
    using a = backend("a");
    using b = backend("b");
    const file = configFile();
    const admin = { port: 0, token: TOKEN };
    const path = file.write({ ...HERE, admin, backends: [a.url.origin] });
    await using balancer = new Program(["--config", path, "--workers", workers]);
    const [, adminUrl = ""] = await balancer.wrote(/admin listener on (http:\/\/\S+)/);
    const url = await listening(balancer);
    expect(await fetch(`${adminUrl}/status`).then(({ status }) => status)).toBe(401);
    expect(await fetch(`${url}/reload`, { method: "POST" }).then((answer) => answer.text())).toBe("a");
    file.write({ ...HERE, admin, backends: [b.url.origin], trustedProxies: ["0.0.0.0/0"] });
    const good = await run(["reload", "--admin", adminUrl, "--token", TOKEN]);
    expect(good).toMatchObject({ exitCode: 0, stderr: "" });
    expect(good.stdout).toContain("the config was read again\n");
    expect(good.stdout).toContain("trustedProxies: found a range of everybody");
    expect(await answerAt(url)).toBe("b");
    file.write({ ...HERE, admin, backends: [] });
    const bad = await run(["reload", "--admin", adminUrl, "--token", TOKEN]);
    expect(bad).toMatchObject({ exitCode: 1, stdout: "" });
    expect(bad.stderr).toStartWith("lb: nothing has changed\n");
    expect(bad.stderr).toContain("backends: found none");
    const stranger = await run(["reload", "--admin", adminUrl, "--token", "not-the-right-token"]);
    expect(stranger).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: `lb: --token: ${adminUrl} takes another token\n`,
    });
  });

  test("listeners are opened, closed and exchanged for others, and those that stay stay open", async () => {
    using a = backend("a");
    const { ca, server } = await makeCertificates();
    folder.write("cert.pem", server.cert);
    folder.write("key.pem", server.key);
    const [first, second, third] = freePorts(3) as [number, number, number];
    const at = (port: number) => ({ port, host: "127.0.0.1" });
    const file = configFile();
    const rest = { ...QUICK, backends: [a.url.origin], shutdownTimeoutMs: 3_000 };
    const path = file.write({ ...rest, listeners: [at(first), at(second)] });
    await using balancer = new Program(["--config", path, "--workers", workers]);
    await listening(balancer);
    const kept = workers === "1" ? await dial(`http://127.0.0.1:${first}`) : undefined;
    kept?.send(request("GET", "/"));
    await kept?.head();
    await kept?.bytes(1);
    const tls = { cert: "cert.pem", key: "key.pem" };
    file.write({ ...rest, listeners: [at(first), { ...at(third), tls }] });
    balancer.signal("SIGHUP");
    await balancer.wrote(/the config was read again/);
    expect(await answerAt(`http://127.0.0.1:${first}`)).toBe("a");
    const secured = await fetch(`https://127.0.0.1:${third}/`, {
      tls: { ca, serverName: "lb.test" },
    } as RequestInit);
    expect(await secured.text()).toBe("a");
    await until("the other one is closed", () =>
      dial(`http://127.0.0.1:${second}`).then(
        (wire) => {
          wire.destroy();
          return false;
        },
        () => true,
      ),
    );
    if (kept !== undefined) {
      kept.send(request("GET", "/"));
      expect((await kept.head()).startLine).toBe("HTTP/1.1 200 OK");
      kept.destroy();
    }
    file.write({ ...rest, listeners: [{ ...at(first), maxConnections: 7 }, at(third)] });
    balancer.signal("SIGHUP");
    await balancer.wrote(/(?:the config was read again[\s\S]*){2}/);
    expect(await answerAt(`http://127.0.0.1:${third}`)).toBe("a");
    expect(await answerAt(`http://127.0.0.1:${first}`)).toBe("a");
    balancer.signal("SIGTERM");
    expect(await balancer.exitCode).toBe(0);
  }, 30_000);

  test("SIGTERM ends it though a config is being read that never comes to its end", async () => {
    using a = backend("a");
    const name = `hangs-${workers}.config.ts`;
    const config = { ...HERE, backends: [a.url.origin] };
    const path = folder.write(name, `export default ${JSON.stringify(config)};`);
    await using balancer = new Program(["--config", path, "--workers", workers]);
    const url = await listening(balancer);
    folder.write(name, 'console.log("it hangs"); await new Promise(() => {}); export default {};');
    balancer.signal("SIGHUP");
    await balancer.wrote(/it hangs/);
    expect(await answerAt(url)).toBe("a");
    balancer.signal("SIGTERM");
    expect(await balancer.exitCode).toBe(0);
  });

  test("a port that is taken changes nothing", async () => {
    using a = backend("a");
    using taken = backend("taken");
    const file = configFile();
    const [port] = freePorts(1) as [number];
    const rest = { ...QUICK, backends: [a.url.origin] };
    const path = file.write({ ...rest, listeners: [{ port, host: "127.0.0.1" }] });
    await using balancer = new Program(["--config", path, "--workers", workers]);
    await listening(balancer);
    const other = { port: taken.port, host: "127.0.0.1" };
    file.write({ ...rest, listeners: [{ port, host: "127.0.0.1" }, other], statusPath: "/other" });
    balancer.signal("SIGHUP");
    await balancer.wrote(new RegExp(`port ${taken.port} is in use already`));
    expect(JSON.parse(await answerAt(`http://127.0.0.1:${port}`, "/lb-status"))).toHaveProperty("backends");
  });
});

test("SIGTERM while workers are replaced: nobody waits for what is under way but the shutdown itself", async () => {
  using gate = new Gate();
  const [before, after] = freePorts(2) as [number, number];
  const at = (port: number) => ({
    ...QUICK,
    listeners: [{ port, host: "127.0.0.1" }],
    backends: [gate.origin],
  });
  const file = configFile();
  await using balancer = new Program(["--config", file.write(at(before)), "--workers", "2"]);
  const held = answerAt(await listening(balancer), "/gate");
  await gate.reached(1);
  file.write(at(after));
  balancer.signal("SIGHUP");
  const isAnswered = () => answerAt(`http://127.0.0.1:${after}`).catch(() => "");
  await until("new workers listen", async () => (await isAnswered()) === "at once\n");
  balancer.signal("SIGTERM");
  await balancer.wrote(/SIGTERM: shutting down/);
  await until("nobody listens", async () => (await isAnswered()) === "");
  gate.open();
  expect(await held).toBe("through the gate\n");
  expect(await balancer.exitCode).toBe(0);
});

test("--watch: a file that changes is read, a mistake in it is told, and a module that a program imports counts", async () => {
  using a = backend("a");
  using b = backend("b");
  folder.write("pools.ts", `export const backends = [${JSON.stringify(a.url.origin)}];`);
  const path = folder.write(
    "lb.config.ts",
    `import { defineConfig } from "lb";
import { backends } from "./pools.ts";
export default defineConfig({ backends, listeners: [{ port: 0, host: "127.0.0.1" }], healthCheck: false });`,
  );
  await using balancer = new Program(["--config", path, "--watch"]);
  const [, url = ""] = await balancer.wrote(/listening on (https?:\/\/\S+)/);
  expect(await answerAt(url)).toBe("a");
  folder.write("pools.ts", "export const backends = [");
  await balancer.wrote(/the config was not taken, and nothing has changed/);
  expect(await answerAt(url)).toBe("a");
  folder.write("pools.ts", `export const backends = [${JSON.stringify(b.url.origin)}];`);
  await balancer.wrote(/a file has changed: the config was read again/);
  expect(await answerAt(url)).toBe("b");
});

test("what only another start takes up is told, and the rest is taken up", async () => {
  using a = backend("a");
  const file = configFile();
  const path = file.write({ ...HERE, backends: [a.url.origin] });
  await using balancer = new Program(["--config", path]);
  const url = await listening(balancer);
  file.write({ ...HERE, backends: [a.url.origin], transport: "fetch", statusPath: "/how" });
  balancer.signal("SIGHUP");
  await balancer.wrote(/transport: it has changed, which only another start takes up/);
  expect(JSON.parse(await answerAt(url, "/how"))).toHaveProperty("backends");
});

test("workers set cookies that all of them take, though the first config had none", async () => {
  using a = backend("a");
  using b = backend("b");
  const file = configFile();
  const backends = [a.url.origin, b.url.origin];
  const path = file.write({ ...HERE, backends });
  await using balancer = new Program(["--config", path, "--workers", "2"]);
  const url = await listening(balancer);
  file.write({ ...HERE, backends, sticky: { by: "cookie" } });
  balancer.signal("SIGHUP");
  await balancer.wrote(/SIGHUP: the config was read again/);
  const first = await fetch(url);
  const cookie = first.headers.get("set-cookie")?.split(";")[0] ?? "";
  const name = await first.text();
  expect(cookie).not.toBe("");
  for (let connection = 0; connection < 16; connection++) {
    const answer = await ask(url, request("GET", "/", ["Connection: close", `Cookie: ${cookie}`]));
    expect(answer.body.toString()).toBe(name);
    expect(answer.head.field("set-cookie")).toBeUndefined();
  }
});

test("an explanation of the running balancer", async () => {
  using a = backend("a");
  const file = configFile();
  const path = file.write({ ...HERE, admin: { port: 0, token: TOKEN }, backends: [a.url.origin] });
  await using balancer = new Program(["--config", path]);
  const [, adminUrl = ""] = await balancer.wrote(/admin listener on (http:\/\/\S+)/);
  await listening(balancer);
  const explained = await run(["explain", "--admin", adminUrl, "--token", TOKEN, "GET /", "--json"]);
  expect(explained).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.stringify(JSON.parse(explained.stdout))).toContain(a.url.origin);
});
