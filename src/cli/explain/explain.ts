import { clientOfDescribed, type DescribedRequest, requestOf } from "../../admin/described-request.ts";
import { ConfigError } from "../../config/problem.ts";
import { createLoadBalancer } from "../../load-balancer.ts";
import type { Explanation } from "../../serving/explanation.ts";
import { askAdmin } from "../admin/admin-client.ts";
import { type Paint, paintFor } from "../colours.ts";
import type { Command } from "../command.ts";
import type { Given } from "../given.ts";
import { loadSettings } from "../load-settings.ts";
import { outliveReader } from "../log.ts";
import { EXPLAIN_FLAGS } from "./explain-flags.ts";
import { explanationJson, explanationText } from "./report.ts";
import { describedRequest } from "./request-line.ts";

/** Whoever knows where a request would go. */
export type Explain = (described: DescribedRequest) => Promise<Explanation>;

/** `lb explain`: where a request would go, and why. */
export const explainCommand: Command = {
  name: "explain",
  summary: "say where a request would go, and why",
  flags: EXPLAIN_FLAGS,
  operand: "request",
  hasVariables: true,
  examples: [
    ["lb explain --backends http://a:80,http://b:80 'GET /users'", "the one whose turn it is, of two"],
    [
      "lb explain --backends http://a:80,http://b:80 --algorithm ip-hash 'GET /' --client 10.0.0.1",
      "where a client's requests go",
    ],
    ["lb explain --config lb.yaml 'GET /v1/users' -H 'Host: api.example.com'", "by the routes of a file"],
    [
      "lb explain --admin http://127.0.0.1:9000 --token-file admin.token 'GET /'",
      "where a running lb would send it now",
    ],
    ["lb explain --backends http://a:80 'GET /' -H 'Cookie: a=1' --json", "for a script"],
  ],
  async run(given) {
    const described = describedRequest(given);
    const explain = given.has("admin") ? askedOf(given) : await explainerOf(given);
    outliveReader(process.stdout);
    const paint = paintFor(process.stdout);
    process.stdout.write(await explained(described, explain, given.isOn("json"), paint));
    return 0;
  },
};

/**
 * What the command prints.
 *
 * @param isJson Whether it is for a program.
 */
export async function explained(
  described: DescribedRequest,
  explain: Explain,
  isJson: boolean,
  paint: Paint,
): Promise<string> {
  const explanation = await explain(described);
  return isJson ? explanationJson(explanation) : explanationText(explanation, paint);
}

/** What a running balancer says of it. */
function askedOf(given: Given): Explain {
  return async (described) => {
    const { status, json } = await askAdmin(given, "POST", "/explain", described);
    if (status === 200) return json as Explanation;
    const { detail } = json as { readonly detail?: string };
    throw new ConfigError(`${given.place("admin")}: ${detail ?? `it answered ${status}`}`);
  };
}

/**
 * A balancer as a config file, variables and flags say, which nothing has happened to: none of its backends was
 * checked, and none has requests.
 *
 * @throws ConfigError with all that is wrong.
 * @throws UsageError if there are neither a file nor backends.
 */
async function explainerOf(given: Given): Promise<Explain> {
  const { config } = await loadSettings(given);
  const balancer = createLoadBalancer(config);
  return async (described) => balancer.explain(requestOf(described), clientOfDescribed(described));
}
