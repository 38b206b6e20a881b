import { afterAll, beforeAll } from "bun:test";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { RawBackend } from "../raw/backend.ts";
import { Program, type Runtime } from "./runtime.ts";

/** A fixture that runs in a runtime for all tests of a group, and the backend that it stands before. */
export interface Stage {
  readonly backend: RawBackend;
  readonly program: Program;
  /** Where the balancer listens. */
  readonly url: string;
}

/** What of the config a test chooses; the backends are its own. */
export type Settings = Omit<LoadBalancerConfig, "backends">;

/** Sets a stage before the tests of this group, and takes it down after them. */
export function stage(
  runtime: Runtime,
  settings: Settings = {},
  env: Readonly<Record<string, string>> = {},
): Stage {
  let backend: RawBackend | undefined;
  let program: Program | undefined;
  beforeAll(async () => {
    backend = await RawBackend.listen();
    const config = { backends: [backend.url], healthCheck: false, ...settings };
    program = await Program.start(runtime, "fixture.ts", config, env);
  }, 30_000);
  afterAll(async () => {
    await program?.kill();
    await backend?.close();
  });
  const set = <T>(thing: T | undefined): T => {
    if (thing === undefined) throw new Error("the stage is not set yet");
    return thing;
  };
  return {
    get backend() {
      return set(backend);
    },
    get program() {
      return set(program);
    },
    get url() {
      return set(program).url;
    },
  };
}

/** Runs the fixture before these backends for as long as `use` takes. */
export async function withBalancer(
  runtime: Runtime,
  backends: readonly (RawBackend | string)[],
  settings: Settings,
  use: (program: Program) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const urls = backends.map((backend) => (typeof backend === "string" ? backend : backend.url));
  const config = { backends: urls, healthCheck: false, ...settings };
  let program: Program | undefined;
  try {
    program = await Program.start(runtime, "fixture.ts", config, env);
    await use(program);
  } finally {
    await program?.kill();
    for (const backend of backends) if (typeof backend !== "string") await backend.close();
  }
}
