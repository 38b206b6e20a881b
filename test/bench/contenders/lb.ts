import { type Contender, LACKS_OF_BUN_SERVE, type Presence } from "./contender.ts";
import { commandOf, type LbProgram } from "./lb-program.ts";

/** `lb` as a user runs it: the flags that are measured, everything else as it comes. */

interface Variant {
  /** What `--only` calls it. */
  readonly id: string;
  /** What the tables call it: `lb`, or the front and the transport that it has. */
  readonly name: string;
  readonly flags: readonly string[];
  readonly presence: Presence;
}

/** Each way to run `lb` that is measured. */
const VARIANTS = [
  { id: "lb", name: "lb", flags: [], presence: "every case" },
  {
    id: "lb-web",
    name: "lb web+http1",
    flags: ["--front", "web", "--transport", "http1"],
    presence: "main case",
  },
  {
    id: "lb-fetch",
    name: "lb web+fetch",
    flags: ["--front", "web", "--transport", "fetch"],
    presence: "main case",
  },
] as const satisfies readonly Variant[];

/** `lb` with no flag that need not be: its own front and its own client. */
export const LB = VARIANTS[0].name;
/** The runtime's server in front, and the own client behind it. */
export const LB_WEB = VARIANTS[1].name;
/** The runtime's server, and the runtime's client. */
export const LB_FETCH = VARIANTS[2].name;
/** What `--only` calls them. */
export const LB_IDS = [VARIANTS[0].id, VARIANTS[1].id, VARIANTS[2].id] as const;

/** `lb` with no flag that need not be. */
export function plainLb(program: LbProgram): Contender {
  return lb(program, VARIANTS[0]);
}

/** Each variant. */
export function lbContenders(program: LbProgram): Contender[] {
  return VARIANTS.map((variant) => lb(program, variant));
}

/** `lb` with one worker and with two. */
export function lbWorkerContenders(program: LbProgram): Contender[] {
  return [1, 2].map((workers) =>
    lb(program, {
      ...VARIANTS[0],
      name: `lb, ${workers} worker${workers === 1 ? "" : "s"}`,
      flags: ["--workers", String(workers)],
    }),
  );
}

function lb(program: LbProgram, { id, name, flags, presence }: Variant): Contender {
  const unknown = flags.find((flag) => flag.startsWith("--") && !program.flags.has(flag));
  // Without the flag there is only the runtime's server.
  const isWeb = flags.includes("web") || !program.flags.has("--front");
  return {
    id,
    name,
    presence,
    forwardsClient: true,
    lacks: {
      ...(program.flags.has("--tls-cert") ? {} : { tls: "this lb has no --tls-cert" }),
      ...(isWeb ? LACKS_OF_BUN_SERVE : {}),
    },
    missing: () => (unknown === undefined ? undefined : `this lb has no ${unknown}`),
    command: ({ port, backendPort, tls }) =>
      commandOf(program, [
        "--backends",
        `http://127.0.0.1:${backendPort}`,
        "--port",
        String(port),
        ...(tls === undefined ? [] : ["--tls-cert", tls.certPath, "--tls-key", tls.keyPath]),
        ...flags,
      ]),
  };
}
