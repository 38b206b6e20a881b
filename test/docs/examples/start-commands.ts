/** How an example of the page is started, as its commands say. */

/** Servers of the program's own, on ports in a row. */
export interface TestServers {
  readonly port: number;
  readonly names: readonly string[];
}

/** A server that is one of the example's files. */
export interface OwnServer {
  readonly port: number;
  readonly file: string;
}

/** All that is started. */
export interface StartCommands {
  readonly testServers: readonly TestServers[];
  readonly ownServers: readonly OwnServer[];
  /** The balancer's config file, if there is a balancer. */
  readonly config?: string;
  /** The balancer's variables. */
  readonly variables: Readonly<Record<string, string>>;
}

const TEST_SERVER = /^\.\/lb test-server --port (\d+) --name (\S+)(?: --count (\d+))? &(?: sleep 1)?$/;
const OWN_SERVER = /^npx bun run (\S+) (\d+) &(?: sleep 1)?$/;
const BALANCER = /^((?:\w+=\S+ )*)\.\/lb --config (\S+)(?: & echo \$! > lb\.pid)?$/;

/** Reads the commands. Each must be of a kind that is known, or what the page says would not be what is tested. */
export function startCommands(lines: readonly string[]): StartCommands {
  const testServers: TestServers[] = [];
  const ownServers: OwnServer[] = [];
  let balancer: Pick<StartCommands, "config" | "variables"> | undefined;
  for (const line of lines) {
    const [, port, name = "", count] = TEST_SERVER.exec(line) ?? [];
    const [, file = "", ownPort] = OWN_SERVER.exec(line) ?? [];
    const [, assignments = "", config] = BALANCER.exec(line) ?? [];
    if (port !== undefined) testServers.push({ port: Number(port), names: namesOf(name, count) });
    else if (ownPort !== undefined) ownServers.push({ port: Number(ownPort), file });
    else if (config !== undefined && balancer === undefined) {
      balancer = { config, variables: variablesOf(assignments) };
    } else throw new Error(`"${line}" is no command that an example is started with`);
  }
  return { testServers, ownServers, ...(balancer ?? { variables: {} }) };
}

function namesOf(name: string, count: string | undefined): string[] {
  if (count === undefined) return [name];
  return Array.from({ length: Number(count) }, (_, index) => `${name}-${index + 1}`);
}

function variablesOf(assignments: string): Record<string, string> {
  const pairs = assignments.trim().split(" ").filter(Boolean);
  return Object.fromEntries(pairs.map((pair) => pair.split("=", 2) as [string, string]));
}
