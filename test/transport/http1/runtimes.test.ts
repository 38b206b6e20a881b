import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { Outcome } from "../../../src/core/outcome.ts";
import { refusedPort, type Script, type Seen } from "../../raw/backend.ts";
import { Wire } from "../../raw/wire.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import type { Exercise } from "./exercise.ts";

const LARGE = 8_000_000;

const OUT_OF_REACH = "this runtime's fetch reaches no Unix sockets: use the http1 transport";

/** What `fetch` says that cannot speak TLS as it is told. */
const unable = (key: string, runtime: string) =>
  `tls.${key}: ${runtime}'s fetch cannot speak TLS in another way than by itself, use the http1 transport`;

/** What it cannot do first, and what the runtime is called. */
const UNABLE: Record<string, [key: string, runtime: string]> = {
  deno: ["serverName", "Deno"],
  node: ["ca", "this runtime"],
};

const sized = (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;

/** What each path does. */
const PATHS: Readonly<Record<string, Script>> = {
  "/turn": ({ wire, turn }) => wire.send(sized(String(turn))),
  "/echo": async ({ head, wire }) => wire.send(sized((await wire.body(head)).toString())),
  "/length": async ({ head, wire }) => wire.send(sized(String((await wire.body(head)).length))),
  "/chunked": ({ wire }) =>
    wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n"),
  "/until-close": ({ wire }) => {
    wire.send("HTTP/1.1 200 OK\r\n\r\nabc");
    wire.end();
  },
  "/large": ({ wire }) => {
    wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${LARGE}\r\n\r\n`);
    wire.send(new Uint8Array(LARGE));
  },
  "/broken": ({ wire }) => {
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    setTimeout(() => wire.end(), 20);
  },
  "/stale": ({ wire, turn }) => {
    if (turn > 0) wire.destroy();
    else wire.send(sized("fresh"));
  },
  "/silence": () => {},
};

async function serve(wire: Wire): Promise<void> {
  try {
    for (let turn = 0; ; turn++) {
      const head = await wire.head(60_000);
      const seen: Seen = { head, wire, turn };
      await PATHS[head.target]?.(seen);
    }
  } catch (error) {
    // A client that leaves is the end of every connection.
    if (!(error instanceof Error && error.name === "Cut")) throw error;
  }
}

describe("the same in every runtime", () => {
  const sockets = new Set<Wire>();
  let servers: Server[] = [];
  let exercise: Exercise;
  let certificates: Certificates;
  let folder: string;

  beforeAll(async () => {
    certificates = await makeCertificates();
    folder = await mkdtemp(join(tmpdir(), "lb-http1-"));
    const plain = createServer((socket) => keep(new Wire(socket)));
    const tlsOptions = {
      ...certificates.server,
      ca: certificates.ca,
      requestCert: true,
      rejectUnauthorized: true,
    };
    const secure = createTlsServer(tlsOptions, (socket: TLSSocket) => keep(new Wire(socket)));
    const unix = createServer((socket) => keep(new Wire(socket)));
    const path = join(folder, "backend.sock");
    servers = [plain, secure, unix];
    await new Promise<void>((done) => unix.listen(path, done));
    for (const server of [plain, secure])
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const port = (server: Server) => (server.address() as AddressInfo).port;
    exercise = {
      plain: `http://127.0.0.1:${port(plain)}`,
      secure: `https://127.0.0.1:${port(secure)}`,
      unix: `unix:${path}`,
      missing: `unix:${path}.missing`,
      refused: `http://127.0.0.1:${await refusedPort()}`,
      tls: { ca: certificates.ca, ...certificates.client },
    };
  });

  afterAll(async () => {
    for (const wire of sockets) wire.destroy();
    for (const server of servers) server.close();
    await rm(folder, { recursive: true });
  });

  function keep(wire: Wire): void {
    sockets.add(wire);
    void serve(wire);
  }

  const root = resolve(import.meta.dir, "../../..");
  const binary = (name: string) => join(root, "node_modules/.bin", name);
  const program = join(import.meta.dir, "exercise.ts");
  const commands: [name: string, command: () => Promise<string[]>][] = [
    ["bun", async () => [binary("bun"), "run", program]],
    ["deno", async () => [binary("deno"), "run", "-A", "--no-config", "--no-lock", program]],
    ["node", async () => ["node", await bundled(program, folder)]],
  ];
  for (const [name, command] of commands) {
    test(`${name} sends, reuses, holds up, fails and checks certificates`, async () => {
      const run = Bun.spawn([...(await command()), JSON.stringify(exercise)], {
        stdout: "pipe",
        stderr: "pipe",
        env: { ...Bun.env, DENO_NO_UPDATE_CHECK: "1" },
      });
      const [out, errors] = await Promise.all([
        new Response(run.stdout).text(),
        new Response(run.stderr).text(),
      ]);
      expect(errors).toBe("");
      expect(JSON.parse(out)).toEqual({
        first: "0",
        second: "1",
        bytes: "hi",
        stream: "streamed",
        upload: "5000000",
        chunked: "abc",
        untilClose: "abc",
        large: LARGE,
        broken: `${Outcome.bodyBroken} the answer broke off`,
        stale: "fresh",
        stalePost: `${Outcome.reset} the connection closed before an answer`,
        refused: `${Outcome.connectFailed} connection refused`,
        aborted: true,
        secure: "0",
        secureAgain: "1",
        secureLarge: LARGE,
        wrongName: String(Outcome.connectFailed),
        unknownAuthority: String(Outcome.connectFailed),
        unix: "0",
        unixAgain: "1",
        unixUpload: "5000000",
        unixLarge: LARGE,
        unixAborted: true,
        missing: `${Outcome.connectFailed} no such socket`,
        unixByFetch: name === "bun" ? "none" : `${Outcome.connectFailed} ${OUT_OF_REACH}`,
        missingByFetch: `${Outcome.connectFailed} ${name === "bun" ? "no such socket" : OUT_OF_REACH}`,
        secureByFetch: name === "node" ? unable("ca", "this runtime") : "",
        namedByFetch: name === "bun" ? "" : unable(...(UNABLE[name] as [string, string])),
        open: 0,
      });
      // It ended by itself: no idle connection kept it alive.
      expect(await run.exited).toBe(0);
    }, 20_000);
  }
});

async function bundled(entry: string, outdir: string): Promise<string> {
  const result = await Bun.build({
    entrypoints: [entry],
    target: "node",
    format: "esm",
    outdir,
    naming: "[name].mjs",
  });
  if (!result.success) throw new AggregateError(result.logs, "it could not be bundled");
  return join(outdir, "exercise.mjs");
}
