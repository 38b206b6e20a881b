import { expect, test } from "bun:test";
import { TestFolder } from "../../config-file/folder.ts";
import { Program, run } from "../program.ts";
import { listeningUrl } from "../stage.ts";

const folder = new TestFolder();

/** A backend that answers with what it is called. */
function backend(name: string): { readonly origin: string; [Symbol.dispose](): void } {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(name) });
  return { origin: `http://127.0.0.1:${server.port}`, [Symbol.dispose]: () => void server.stop(true) };
}

async function answerOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

test("a program in TypeScript that takes lb's own functions is a config, with a picker of its own", async () => {
  using a = backend("a");
  using b = backend("b");
  folder.write("origins.ts", `export const origins: string[] = ["${a.origin}", "${b.origin}"];\n`);
  folder.write(
    "lb.config.ts",
    `import { defineConfig, pickBy } from "lb";
import { origins } from "./origins.ts";

export default defineConfig({
  backends: origins,
  listeners: [{ port: 0, host: "127.0.0.1" }],
  algorithm: pickBy((ready) => ready.find(({ origin }) => origin === origins[1])),
});
`,
  );
  await using balancer = new Program(["--config", "lb.config.ts"], {}, folder.path);
  const url = await listeningUrl(balancer);
  expect(balancer.stdout).toContain("config from lb.config.ts");
  await balancer.wrote(/an algorithm of its own over 2 backends/);
  expect([await answerOf(url), await answerOf(url)]).toEqual(["b", "b"]);
});

test("a file of the folder is taken unless there are backends, and a program is not run unasked", async () => {
  using a = backend("a");
  using b = backend("b");
  folder.write(
    "found/lb.config.toml",
    `backends = ["${a.origin}"]\n[[listeners]]\nport = 0\nhost = "127.0.0.1"\n`,
  );
  const found = `${folder.path}/found`;
  {
    await using balancer = new Program([], {}, found);
    expect(await answerOf(await listeningUrl(balancer))).toBe("a");
    expect(balancer.stdout).toContain("config from lb.config.toml");
  }
  {
    await using balancer = new Program(["--backends", b.origin, "--port", "0"], {}, found);
    expect(await answerOf(await listeningUrl(balancer))).toBe("b");
    expect(balancer.stdout).not.toContain("config from");
  }
  folder.write("program/lb.config.ts", "export default {};\n");
  expect(await run([], {}, `${folder.path}/program`)).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: "lb: config: found lb.config.ts, which is a program, expected --config lb.config.ts to run it\n",
  });
});

test("a variable can name the file, and variables stand over it", async () => {
  using a = backend("a");
  folder.write("named.yaml", `backends: ["\${LB_TEST_ORIGIN}"]\nstatusPath: /from-file\n`);
  const variables = {
    LB_CONFIG: "named.yaml",
    LB_TEST_ORIGIN: a.origin,
    LB_STATUS_PATH: "/from-variable",
    LB_PORT: "0",
    LB_HOST: "127.0.0.1",
  };
  await using balancer = new Program([], variables, folder.path);
  const url = await listeningUrl(balancer);
  expect(await answerOf(`${url}/from-file`)).toBe("a");
  expect(await (await fetch(`${url}/from-variable`)).json()).toMatchObject({ backends: [{ url: a.origin }] });
});

test("what is risky in a config is in the log of who serves it", async () => {
  using a = backend("a");
  using b = backend("b");
  folder.write("risky.json", JSON.stringify({ backends: [a.origin, b.origin], healthCheck: false }));
  await using balancer = new Program(["--config", "risky.json", "--port", "0"], {}, folder.path);
  await listeningUrl(balancer);
  expect(balancer.stdout).toMatch(
    /warn {2}risky\.json:1:\d+: healthCheck: found false, so that requests find out/,
  );
});
