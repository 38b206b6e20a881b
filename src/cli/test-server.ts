import { ConfigError } from "../config/problem.ts";
import { createTestApp } from "../test-server/app.ts";
import { startTestServer, type TestServer } from "../test-server/server.ts";
import type { Command } from "./command.ts";
import type { Flags } from "./flags.ts";
import type { Given } from "./given.ts";
import { listenProblem } from "./listening.ts";
import { endSignal } from "./shutdown.ts";

/** The first port of those who name none. */
const FIRST_PORT = 8081;

const FLAGS = {
  port: {
    type: "string",
    valueHint: "PORT",
    description: "the port to listen on; 0 takes a free one",
    default: String(FIRST_PORT),
  },
  name: {
    type: "string",
    valueHint: "NAME",
    description: "what it calls itself in its answers",
    default: "Server-1",
  },
  "fail-after": {
    type: "string",
    valueHint: "N",
    description: "answer 503 to everything after N requests; 0 is never",
    default: "0",
  },
  count: {
    type: "string",
    valueHint: "N",
    description: "run N servers on consecutive ports, named Server-1 to Server-N",
    default: "1",
  },
} as const satisfies Flags;

/** `lb test-server`: one server or several to put behind a balancer. */
export const testServerCommand: Command = {
  name: "test-server",
  summary: "run a server to put behind lb, that fails when told to",
  flags: FLAGS,
  examples: [
    ["lb test-server --count 3", "three servers, on ports 8081 to 8083"],
    ["lb test-server --port 9000 --name Blue", "one, by its own name"],
    ["lb test-server --fail-after 100", "one that fails after 100 requests"],
    [
      "curl 'localhost:8081/slow?ms=500'",
      "also /stream?chunks=&ms= /bytes?n= /status?code= /echo /fail /recover",
    ],
  ],
  async run(given) {
    const servers = startServers(given);
    const ended = endSignal();
    for (const { name, url } of servers) process.stdout.write(`${name} listening on ${url}\n`);
    await ended;
    for (const server of servers) server.kill();
    return 0;
  },
};

function startServers(given: Given): TestServer[] {
  const port = given.wholeNumber("port", 0, 65535) ?? FIRST_PORT;
  const failAfter = given.wholeNumber("fail-after", 0, Number.MAX_SAFE_INTEGER) ?? 0;
  const count = given.wholeNumber("count", 1, 1000) ?? 1;
  const name = given.text("name");
  if (port > 0 && port + count - 1 > 65535) {
    throw new ConfigError(`--count: found ${count}, expected at most ${65536 - port} from port ${port} up`);
  }
  const servers: TestServer[] = [];
  for (let index = 0; index < count; index++) {
    const ownName = name === undefined || count > 1 ? `${name ?? "Server"}-${index + 1}` : name;
    const ownPort = port === 0 ? 0 : port + index;
    try {
      servers.push(startTestServer(createTestApp({ name: ownName, failAfter }), ownName, ownPort));
    } catch (error) {
      for (const server of servers) server.kill();
      const places = { port: given.place("port"), host: "--host" };
      throw listenProblem(error, { port: ownPort }, places) ?? error;
    }
  }
  return servers;
}
