import { fileURLToPath } from "node:url";
import { type Contender, type Lacks, missingProgram } from "./contender.ts";

/** The proxies that people who write JavaScript would use else, on Node, each set up as its README says. */
export const nodePeers: readonly Contender[] = [
  peer("http-proxy"),
  peer("fastify-http-proxy", { closing: "it passes on the backend's Connection in place of its own" }),
  peer("httpxy"),
];

function peer(name: string, lacks: Lacks = {}): Contender {
  const program = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  return {
    id: name,
    name,
    presence: "full run",
    forwardsClient: true,
    lacks: { ...lacks, tls: "it is set up for plain HTTP" },
    missing: () => missingProgram("node"),
    command: ({ port, backendPort }) => ({
      argv: ["node", program, String(port), String(backendPort)],
      env: { NODE_ENV: "production" },
    }),
  };
}
