import type { ReloadOutcome } from "../../admin/admin-service.ts";
import { ConfigError } from "../../config/problem.ts";
import { ASKING_FLAGS, askAdmin } from "../admin/admin-client.ts";
import { paintFor } from "../colours.ts";
import type { Command } from "../command.ts";
import type { Flags } from "../flags.ts";

const FLAGS = {
  ...ASKING_FLAGS,
  json: { type: "boolean", description: "print the answer as it is" },
} as const satisfies Flags;

/** `lb reload`: has a running balancer read its config again. */
export const reloadCommand: Command = {
  name: "reload",
  summary: "have a running lb read its config file again",
  flags: FLAGS,
  hasVariables: true,
  examples: [
    ["lb reload --admin http://127.0.0.1:9000 --token-file admin.token", "the one with this admin listener"],
    ["LB_ADMIN=http://127.0.0.1:9000 LB_TOKEN_FILE=admin.token lb reload", "the same, from the environment"],
  ],
  async run(given) {
    const { json } = await askAdmin(given, "POST", "/reload");
    const outcome = outcomeIn(json);
    if (given.isOn("json")) {
      process.stdout.write(`${JSON.stringify(outcome)}\n`);
      return outcome.reloaded ? 0 : 1;
    }
    const paint = paintFor(process.stdout);
    if (!outcome.reloaded) {
      process.stderr.write(`${["lb: nothing has changed", ...outcome.problems].join("\n")}\n`);
      return 1;
    }
    const warnings = outcome.warnings.map((warning) => paint("yellow", warning));
    process.stdout.write(`${[paint("green", "the config was read again"), ...warnings].join("\n")}\n`);
    return 0;
  },
};

function outcomeIn(json: unknown): ReloadOutcome {
  const { reloaded } = (typeof json === "object" && json !== null ? json : {}) as Partial<ReloadOutcome>;
  if (typeof reloaded === "boolean") return json as ReloadOutcome;
  throw new ConfigError("--admin: found something else there, expected the admin listener of lb");
}
