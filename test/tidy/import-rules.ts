import type { Rule } from "./problem.ts";
import type { Import, SourceFile } from "./source-file.ts";

/**
 * What each folder may import beside itself: a folder, or a single file where only that is a contract.
 * Everything points towards the core; nothing points back.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "src/core": [],
  "src/config": ["src/core", "src/http1", "src/middleware/middleware.ts"],
  "src/config-file": ["src/config", "src/core/clock.ts", "src/index.ts", "src/system.ts"],
  "src/http1": [],
  "src/sockets": [],
  "src/linux": ["src/core/clock.ts"],
  "src/transport": ["src/config/process.ts", "src/core", "src/http1", "src/sockets", "src/system.ts"],
  "src/proxy": ["src/core", "src/config", "src/http1", "src/transport"],
  "src/rate-limit": ["src/core"],
  "src/shared-state": ["src/rate-limit"],
  "src/middleware": [
    "src/config",
    "src/core",
    "src/http1",
    "src/proxy",
    "src/rate-limit",
    "src/shared-state",
    "src/transport/let-go.ts",
  ],
  "src/admin": [
    "src/config",
    "src/http1/hop-by-hop.ts",
    "src/load-balancer.ts",
    "src/middleware/bearer-token.ts",
    "src/proxy",
    "src/serving/explanation.ts",
  ],
  "src/adapters": ["src/config/process.ts", "src/proxy/client.ts", "src/sockets/address.ts"],
  "src/front": [
    "src/adapters/adapter.ts",
    "src/config",
    "src/core",
    "src/http1",
    "src/proxy",
    "src/routing",
    "src/sockets",
    "src/system.ts",
    "src/transport",
  ],
  "src/routing": [
    "src/config",
    "src/core",
    "src/http1",
    "src/proxy/client.ts",
    "src/proxy/client-address.ts",
    "src/proxy/cookie.ts",
    "src/proxy/request.ts",
  ],
  "src/serving": [
    "src/config",
    "src/core",
    "src/front/own-path.ts",
    "src/front/relay-key.ts",
    "src/front/relay-service.ts",
    "src/front/relay-sessions.ts",
    "src/front/relay-view.ts",
    "src/front/request-reader.ts",
    "src/front/upgrading-client.ts",
    "src/middleware",
    "src/proxy",
    "src/routing",
    "src/transport",
  ],
  "src/simulation": ["src/core", "src/proxy/try.ts", "src/transport/transport.ts"],
  "src/test-server": ["src/adapters", "src/proxy/client.ts"],
  "src/workers": [
    "src/adapters/adapter.ts",
    "src/config",
    "src/core",
    "src/front",
    "src/linux",
    "src/load-balancer.ts",
    "src/proxy",
    "src/serving",
    "src/transport",
  ],
  "src/cli": ["src", "package.json"],
  "src/system.ts": ["src/core"],
  "src/load-balancer.ts": [
    "src/adapters/client-of.ts",
    "src/config",
    "src/core",
    "src/front/relay-service.ts",
    "src/middleware/kept.ts",
    "src/middleware/middleware.ts",
    "src/proxy",
    "src/serving",
    "src/shared-state",
    "src/system.ts",
    "src/transport",
  ],
  "src/index.ts": [
    "src/config",
    "src/core",
    "src/load-balancer.ts",
    "src/middleware/middleware.ts",
    "src/proxy",
    "src/rate-limit",
    "src/routing/route-table.ts",
    "src/serving/explanation.ts",
    "src/shared-state",
    "src/transport",
  ],
  "src/main.ts": ["src/cli"],
};

/** Packages, and who may use them. The library brings none along: what it uses outside src/cli is built into it. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  citty: /^src\/(cli\/|main\.ts$)/,
  consola: /^src\/(cli\/|main\.ts$)/,
  valibot: /^src\/(config|cli)\//,
  "@valibot": /^src\/cli\//,
  "hash-wasm": /^src\/middleware\/password-check\.ts$/,
  jose: /^src\/middleware\/jwt(-keys)?\.ts$/,
  "toml-eslint-parser": /^src\/config-file\//,
  yaml: /^src\/config-file\//,
  "bun:ffi": /^src\/linux\//,
};

/** Who may import what Node has: everything else runs in any runtime. */
const NODE_USERS =
  /^src\/(adapters\/node[^/]*\.ts$|sockets\/node[^/]*\.ts$|http1\/latin1\.ts$|front\/head-buffer\.ts$|config-file\/|cli\/|main\.ts$|test-server\/)/;

/** What is run or imported from outside; everything must be reachable from one of these. */
const ENTRIES = [
  "src/index.ts",
  "src/main.ts",
  "src/admin/explain-endpoint.ts",
  "src/adapters/bun.ts",
  "src/adapters/deno.ts",
  "src/adapters/node.ts",
  "src/front/front.ts",
  "src/routing/unreachable.ts",
  "src/transport/http1.ts",
];

/** Imports go one way. */
export const importDirection: Rule = (files) =>
  sourcesOnly(files).flatMap((file) => {
    const home = homeOf(file.path);
    const allowed = MAY_IMPORT[home];
    if (allowed === undefined) {
      const advice = `say in MAY_IMPORT of test/tidy/import-rules.ts what ${home} may import`;
      return [{ path: file.path, line: 1, advice }];
    }
    return file.imports
      .filter(({ isRelative, target }) => isRelative && !isWithin(target, [home, ...allowed]))
      .map(({ line, target }) => ({
        path: file.path,
        line,
        advice: `${home} must not import ${target}; it may import ${[...allowed, "itself"].join(", ")}. Move what is shared towards src/core, or hand it in`,
      }));
  });

/** Packages and Node's modules stay where they belong. */
export const foreignImports: Rule = (files) =>
  sourcesOnly(files).flatMap((file) =>
    file.imports
      .filter(({ isRelative }) => !isRelative)
      .flatMap((imported) => {
        const advice = adviceOnForeign(file.path, imported);
        return advice === undefined ? [] : [{ path: file.path, line: imported.line, advice }];
      }),
  );

function adviceOnForeign(path: string, { target }: Import): string | undefined {
  if (target.startsWith("node:")) {
    if (NODE_USERS.test(path)) return undefined;
    return `"${target}" is Node's: use what every runtime has, or move this to src/adapters/node*.ts or src/cli`;
  }
  const name = target.split("/", 1)[0] ?? target;
  const users = PACKAGES[name];
  if (users === undefined)
    return `the package "${name}" is not among the few that src may use: do without it`;
  return users.test(path)
    ? undefined
    : `"${name}" may be used in ${users.source} only: the library brings no package along`;
}

/** No file that nothing leads to. */
export const deadFiles: Rule = (files) => {
  const sources = new Map(sourcesOnly(files).map((file) => [file.path, file]));
  const reached = new Set<string>();
  const waiting = ENTRIES.filter((path) => sources.has(path));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const { target } of sources.get(path)?.imports ?? []) if (sources.has(target)) waiting.push(target);
  }
  return [...sources.keys()]
    .filter((path) => !reached.has(path))
    .map((path) => ({
      path,
      line: 1,
      advice: `nothing imports it, from ${ENTRIES.join(", ")} on: delete it, or use it`,
    }));
};

function sourcesOnly(files: readonly SourceFile[]): SourceFile[] {
  return files.filter(({ path }) => path.startsWith("src/"));
}

/** The folder under `src` that a file lives in, or the file itself if it is at the top. */
function homeOf(path: string): string {
  return path.split("/").slice(0, 2).join("/");
}

function isWithin(target: string, places: readonly string[]): boolean {
  return places.some((place) => target === place || target.startsWith(`${place}/`));
}
