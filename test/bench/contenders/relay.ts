import { fileURLToPath } from "node:url";
import { type Contender, LACKS_OF_BUN_SERVE, missingProgram } from "./contender.ts";

const PROGRAM = fileURLToPath(new URL("../relay.ts", import.meta.url));

/** The bare relay: `Bun.serve` and `fetch` with nothing between. What `lb` adds is measured against it. */
export const relay: Contender = {
  id: "relay",
  name: "relay",
  presence: "main case",
  forwardsClient: false,
  lacks: { ...LACKS_OF_BUN_SERVE, tls: "it is ten lines without TLS" },
  missing: () => missingProgram(process.execPath),
  command: ({ port, backendPort }) => ({
    argv: [process.execPath, "run", PROGRAM, String(port), String(backendPort)],
    // Without it Bun makes 256 requests at once; lb lifts that for itself.
    env: { BUN_CONFIG_MAX_HTTP_REQUESTS: "65535" },
  }),
};
