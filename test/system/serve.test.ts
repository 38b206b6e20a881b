import { expect, test } from "bun:test";
import { dial, readAnswer, request } from "../raw/client.ts";
import { until } from "../raw/within.ts";
import { Gate } from "./gate.ts";
import { Program, run } from "./program.ts";
import { listeningUrl, Stage } from "./stage.ts";

/** Who answered a GET of the path. */
async function serverOf(url: string): Promise<string | null> {
  const response = await fetch(url);
  await response.text();
  return response.headers.get("x-server");
}

test("requests go round, and lb status shows where", async () => {
  await using stage = await Stage.start(3);
  const servers: (string | null)[] = [];
  for (let count = 0; count < 6; count++) servers.push(await serverOf(`${stage.url}/api/users?page=2`));
  expect(servers).toEqual(["Server-1", "Server-2", "Server-3", "Server-1", "Server-2", "Server-3"]);

  const url = `${stage.url}/lb-status`;
  const table = await run(["status", "--url", url]);
  expect(table.exitCode).toBe(0);
  const [, ...rows] = table.stdout.trimEnd().split("\n");
  expect(rows.map((row) => row.split(/\s+/).slice(0, 7))).toEqual(
    stage.origins.map((origin) => [origin, "●", "up", "1", "0", "0", "2"]),
  );
  const json = await run(["status", "--url", url, "--json"]);
  expect(Object.keys(JSON.parse(json.stdout).backends[0]).slice(0, 2)).toEqual(["url", "alive"]);
  const other = await run(["status", "--url", stage.url]);
  const sentence = `lb: --url: ${stage.url} answered something else, expected the status of lb\n`;
  expect(other).toEqual({ exitCode: 1, stdout: "", stderr: sentence });
});

test("a server that is killed under fifty connections costs no request", async () => {
  await using stage = await Stage.start(3);
  const [victim] = stage.servers;
  const [origin] = stage.origins;
  let answers = 0;
  let target = Number.POSITIVE_INFINITY;
  const failures: string[] = [];
  const clients = Array.from({ length: 50 }, async () => {
    while (answers < target) {
      const response = await fetch(`${stage.url}/slow?ms=2`);
      await response.text();
      if (response.status !== 200) failures.push(`${response.status} after ${answers} answers`);
      answers += 1;
    }
  });
  await until("500 answers", () => answers >= 500);
  victim?.signal("SIGKILL");
  await stage.balancer.wrote(new RegExp(`${origin} is down`));
  target = answers + 500;
  await Promise.all(clients);
  expect(failures).toEqual([]);
  expect(stage.balancer.stdout.match(new RegExp(`${origin} is down`, "g"))).toHaveLength(1);
});

test("a server that says it has failed is left alone till it says otherwise", async () => {
  await using stage = await Stage.start(2, "-health-check-interval", "50ms");
  const [first, second] = stage.origins;
  await fetch(`${first}/fail`);
  await stage.balancer.wrote(new RegExp(`${first} is down: GET /health answered 503`));
  expect(await serverOf(stage.url)).toBe("Server-2");
  expect(await serverOf(stage.url)).toBe("Server-2");
  await fetch(`${second}/fail`);
  await stage.balancer.wrote(new RegExp(`${second} is down`));
  expect((await fetch(stage.url)).status).toBe(503);
  await fetch(`${first}/recover`);
  await stage.balancer.wrote(new RegExp(`${first} is down[^]*${first} is up`));
  expect(await serverOf(stage.url)).toBe("Server-1");
});

test("six hundred requests are under way at once", async () => {
  using gate = new Gate();
  await using balancer = new Program(["--port", "0", "--backends", gate.origin]);
  const url = await listeningUrl(balancer);
  const wires = await Promise.all(Array.from({ length: 600 }, () => dial(url)));
  const answers = wires.map((wire) => {
    wire.send(request("GET", "/gate"));
    return readAnswer(wire, "GET", 20_000);
  });
  await gate.reached(600);
  gate.open();
  const statuses = (await Promise.all(answers)).map(({ head }) => head.status);
  expect(statuses).toEqual(Array<number>(600).fill(200));
  for (const wire of wires) wire.destroy();
}, 30_000);

test("everything can come from the environment, and flags count more", async () => {
  using gate = new Gate();
  const variables = {
    LB_BACKENDS: `${gate.origin};weight=2`,
    LB_PORT: "99999",
    LB_LOG_FORMAT: "json",
    LB_LOG_LEVEL: "debug",
    LB_STATUS_PATH: "/balancer",
    LB_FORWARDED: "true",
    LB_HEALTH_CHECK_INTERVAL: "",
  };
  await using balancer = new Program(["-port", "0"], variables);
  const url = await listeningUrl(balancer);
  await balancer.wrote(/is up/);
  const status = (await (await fetch(`${url}/balancer`)).json()) as { backends: unknown };
  expect(status.backends).toMatchObject([{ url: gate.origin, weight: 2 }]);
  expect((await fetch(`${url}/lb-status`)).status).toBe(200);
  for (const line of balancer.stdout.trimEnd().split("\n")) {
    expect(JSON.parse(line)).toMatchObject({ level: "info", message: expect.any(String) });
  }
});

test("failed tries are in the log at debug level, in plain text without colours", async () => {
  using gate = new Gate();
  await using balancer = new Program(
    ["-port=0", `-backends=http://localhost:1,${gate.origin}`, "-log-level=debug", "-health-path=/"],
    { FORCE_COLOR: "1" },
  );
  const url = await listeningUrl(balancer);
  expect((await fetch(url)).status).toBe(200);
  await balancer.wrote(/localhost:1 is down: /);
  expect(balancer.stdout).not.toContain("\x1b");
  expect(balancer.stderr).toBe("");
});

test("a balancer with --log-level silent says nothing but still balances", async () => {
  await using server = new Program(["test-server", "-port", "0"]);
  const origin = await listeningUrl(server);
  // Nothing tells where it listens, so it gets a port that was just free.
  const free = await freePort();
  await using balancer = new Program(["-backends", origin, "-port", free, "-log-level", "silent"]);
  await until("it answers", () => fetch(`http://localhost:${free}`).then(isOk, () => false));
  balancer.signal("SIGTERM");
  expect(await balancer.exitCode).toBe(0);
  expect(balancer.stdout + balancer.stderr).toBe("");
});

function isOk(response: Response): boolean {
  return response.ok;
}

async function freePort(): Promise<string> {
  const server = Bun.serve({ port: 0, fetch: () => new Response() });
  const { port } = server;
  await server.stop(true);
  return String(port);
}
