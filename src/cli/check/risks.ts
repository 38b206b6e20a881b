import type { ResolvedFile } from "../../config/file.ts";
import type { ListenerRules } from "../../config/listeners.ts";
import type { ResolvedMiddleware } from "../../config/middleware/entry.ts";
import { DEFAULT_POOL } from "../../config/pool-name.ts";
import type { ConfigPath, ConfigProblem } from "../../config/problem.ts";
import type { ResolvedPool } from "../../config/resolved.ts";
import { placeOf } from "../../config/schema/check.ts";
import type { FileConfig } from "../../config/types/file.ts";
import { unreachableRoutes, unreachableWarnings } from "../../routing/unreachable.ts";
import { isLoopback } from "../own-address.ts";

/**
 * What a config may say and hardly anybody means: what lets in more than it should, what nobody gets to, and what hides
 * that something fails. A sentence says what comes of it, and what would be better.
 *
 * @param written The config as it is written, for where things stand.
 */
export function risksOf(written: FileConfig, file: ResolvedFile): ConfigProblem[] {
  return [
    ...everybodyTrusted(file),
    ...clearCredentials(file),
    ...middlewareRisks(file),
    ...[...file.pools].flatMap(([name, pool]) => poolRisks(name, pool, written)),
    ...unusedPools(written, file),
    ...unreachable(file),
  ];
}

function risk(path: ConfigPath, message: string, place = placeOf(path)): ConfigProblem {
  return { path, place, message };
}

function everybodyTrusted({ trustedProxies }: ResolvedFile): ConfigProblem[] {
  return trustedProxies.flatMap(({ bits }, index) =>
    bits > 1
      ? []
      : [
          risk(
            ["trustedProxies", index],
            "found a range of everybody, so that any client may say which address it has; expected the proxies before lb alone",
            "trustedProxies",
          ),
        ],
  );
}

/** Each entry of every middleware list, with where it stands. */
function entriesOf({ middleware, routes }: ResolvedFile): [path: ConfigPath, entry: ResolvedMiddleware][] {
  const listed = (before: ConfigPath, list: readonly ResolvedMiddleware[]) =>
    list.map((entry, index): [ConfigPath, ResolvedMiddleware] => [[...before, "middleware", index], entry]);
  return [
    ...listed([], middleware),
    ...routes.flatMap((route, index) => listed(["routes", index], route.middleware)),
  ];
}

function clearCredentials(file: ResolvedFile): ConfigProblem[] {
  // A proxy before lb may be where TLS ends.
  if (file.trustedProxies.length > 0) return [];
  const asks = entriesOf(file).flatMap(([, entry]) =>
    typeof entry !== "function" && (entry.name === "basicAuth" || entry.name === "jwt") ? [entry.name] : [],
  );
  const [name] = asks;
  if (name === undefined) return [];
  const what = name === "basicAuth" ? "passwords for basicAuth" : "tokens for jwt";
  return file.listeners.flatMap((listener, index) =>
    isOpenToOthers(listener)
      ? [
          risk(
            ["listeners", index],
            `found no tls, so that ${what} come in the clear; expected tls, or a host of this machine alone`,
          ),
        ]
      : [],
  );
}

function isOpenToOthers({ host, tls }: ListenerRules): boolean {
  return tls === undefined && (host === undefined || !isLoopback(host));
}

function middlewareRisks(file: ResolvedFile): ConfigProblem[] {
  return entriesOf(file).flatMap(([path, entry]): ConfigProblem[] => {
    if (typeof entry === "function") return [];
    if (entry.name === "faults") {
      return [
        risk(
          [...path, "faults"],
          "found faults, which let requests wait or fail on purpose; expected none outside tests",
        ),
      ];
    }
    if (entry.name !== "jwt") return [];
    const { audience, jwksUrl, requiredClaims } = entry.rules;
    const at = [...path, "jwt"];
    return [
      ...(audience === undefined
        ? [
            risk(
              at,
              "found no audience, so that tokens made for others are taken; expected whom they are for",
            ),
          ]
        : []),
      ...(jwksUrl?.startsWith("http:") === true
        ? [
            risk(
              [...at, "jwksUrl"],
              "found http, so that whoever is on the way can put in keys; expected https",
            ),
          ]
        : []),
      ...(requiredClaims.includes("exp")
        ? []
        : [
            risk(
              [...at, "requiredClaims"],
              "found no exp, so that a token may be good for ever; expected it",
            ),
          ]),
    ];
  });
}

function poolRisks(name: string, pool: ResolvedPool, written: FileConfig): ConfigProblem[] {
  const at = (key: string): ConfigPath => {
    const own = written.pools?.[name] as Readonly<Record<string, unknown>> | undefined;
    return own?.[key] === undefined ? [key] : ["pools", name, key];
  };
  const risks: ConfigProblem[] = [];
  const named = name === DEFAULT_POOL ? "" : ` of the pool ${name}`;
  if (pool.healthCheck === false && pool.backends.length > 1) {
    const message = `found false, so that requests find out which of the ${pool.backends.length} backends${named} are down; expected checks`;
    risks.push(risk(at("healthCheck"), message));
  }
  if (pool.timeoutMs === 0 && pool.requestTimeoutMs === 0) {
    const message = `found 0, and no requestTimeoutMs, so that a backend${named} that never answers holds its requests for ever; expected a limit`;
    risks.push(risk(at("timeoutMs"), message));
  }
  if (pool.backends.every(({ drain }) => drain === true)) {
    const list =
      name === DEFAULT_POOL && written.backends !== undefined ? ["backends"] : ["pools", name, "backends"];
    risks.push(
      risk(list, "found that all drain, so that nobody takes new requests; expected one that does not"),
    );
  }
  return risks;
}

function unusedPools(written: FileConfig, { pools, routes }: ResolvedFile): ConfigProblem[] {
  const used = new Set(
    routes.flatMap(({ pool, split, mirror }) => [pool, ...Object.keys(split?.pools ?? {}), mirror?.pool]),
  );
  return [...pools.keys()]
    .filter((name) => !used.has(name))
    .map((name) => {
      const path = name === DEFAULT_POOL && written.backends !== undefined ? ["backends"] : ["pools", name];
      return risk(path, "found a pool that no route sends requests to; expected one that does");
    });
}

function unreachable({ routes }: ResolvedFile): ConfigProblem[] {
  const rules = routes.map(({ name, priority, match }) => ({ name, priority, match, payload: undefined }));
  const sentences = unreachableWarnings(rules);
  return unreachableRoutes(rules).map(({ route }, index) => {
    const message = (sentences[index] as string).replace(/^routes: /, "");
    return risk(["routes", routes.findIndex(({ name }) => name === route)], message, "routes");
  });
}
