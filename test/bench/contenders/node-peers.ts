import { fileURLToPath } from "node:url";
import { type Contender, missingProgram } from "./contender.ts";

/** The proxies that people who write JavaScript would use else, on Node, each set up as its README says. */
export const nodePeers: readonly Contender[] = [
  peer("http-proxy"),
  peer("fastify-http-proxy"),
  peer("httpxy"),
];

function peer(name: string): Contender {
  const program = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  return {
    name,
    isPeer: true,
    forwardsClient: true,
    missing: () => missingProgram("node"),
    command: ({ port, backendPort }) => ({
      argv: ["node", program, String(port), String(backendPort)],
      env: { NODE_ENV: "production" },
    }),
  };
}
