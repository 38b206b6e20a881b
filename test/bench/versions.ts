import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Which versions were measured: figures of unknown programs say nothing. */

const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  nginx: ["nginx", "-v"],
  haproxy: ["haproxy", "-v"],
  caddy: ["caddy", "version"],
  wrk: ["wrk", "-v"],
  Node: ["node", "--version"],
};
const PACKAGES = ["http-proxy", "@fastify/http-proxy", "fastify", "httpxy"];
const PACKAGE_DIRECTORY = fileURLToPath(new URL("../../node_modules/", import.meta.url));

/**
 * Each program that is there, with the first number it gives.
 *
 * @param lbVersion What `lb --version` says; undefined if it takes no part.
 */
export function versionsHere(lbVersion: string | undefined): string[] {
  const programs = Object.entries(PROGRAMS).flatMap(([name, argv]) => {
    if (Bun.which(argv[0] ?? "") === null) return [];
    // Some answer on stderr, and wrk with its help and status 1.
    const { stdout, stderr } = Bun.spawnSync([...argv]);
    const version = /\d+(\.\d+)+/.exec(stdout.toString() + stderr.toString())?.[0];
    return [`${name} ${version ?? "of unknown version"}`];
  });
  const packages = PACKAGES.map((name) => `${name} ${packageVersion(name)}`);
  return [...(lbVersion === undefined ? [] : [lbVersion]), `Bun ${Bun.version}`, ...programs, ...packages];
}

function packageVersion(name: string): string {
  const text = readFileSync(`${PACKAGE_DIRECTORY}${name}/package.json`, "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
