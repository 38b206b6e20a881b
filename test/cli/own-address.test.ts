import { describe, expect, test } from "bun:test";
import { hostname, networkInterfaces } from "node:os";
import { ownAddressProblems } from "../../src/cli/own-address.ts";
import { resolveConfig } from "../../src/config/config.ts";

/** Whether a balancer on this host and port refuses the backend. */
function isRefused(backend: string, host: string | undefined, port: number): boolean {
  const written = { backends: [backend] };
  const { pools } = resolveConfig(written);
  return ownAddressProblems(written, pools, [host === undefined ? { port } : { host, port }]).length > 0;
}

describe("a balancer on all interfaces is every name of this machine:", () => {
  const addresses = Object.values(networkInterfaces()).flatMap((own) => own ?? []);
  const hosts = [
    "localhost",
    "LOCALHOST",
    "a.localhost",
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "[::1]",
    "[::]",
  ];
  for (const { address, family, scopeid } of addresses) {
    if (family === "IPv4") hosts.push(address);
    else if (scopeid === 0) hosts.push(`[${address}]`);
  }
  if (/^[a-z0-9.-]+$/i.test(hostname())) hosts.push(hostname());
  for (const host of hosts) {
    test(host, () => {
      for (const own of [undefined, "0.0.0.0", "::"]) {
        expect(isRefused(`http://${host}:9000`, own, 9000)).toBe(true);
        expect(isRefused(`http://${host}:9001`, own, 9000)).toBe(false);
      }
    });
  }

  test("but no other", () => expect(isRefused("http://192.0.2.7:9000", undefined, 9000)).toBe(false));
});

test("a port that is not named is the scheme's", () => {
  expect(isRefused("http://localhost", undefined, 80)).toBe(true);
  expect(isRefused("https://localhost", undefined, 443)).toBe(true);
  expect(isRefused("https://localhost", undefined, 80)).toBe(false);
});

test("a balancer on one address is only that one", () => {
  expect(isRefused("http://192.0.2.7:80", "192.0.2.7", 80)).toBe(true);
  expect(isRefused("http://localhost:80", "192.0.2.7", 80)).toBe(false);
  expect(isRefused("http://localhost:80", "127.0.0.1", 80)).toBe(true);
  expect(isRefused("http://127.0.0.1:80", "localhost", 80)).toBe(true);
  expect(isRefused("http://[::1]:80", "::1", 80)).toBe(true);
});

test("a Unix socket is nobody's address", () => {
  expect(isRefused("unix:/run/app.sock", undefined, 80)).toBe(false);
});

test("it is told of each backend, in its pool, and of any listener", () => {
  const written = {
    backends: ["http://a:80", "http://localhost:81"],
    pools: { api: { backends: ["http://localhost:80"] } },
    routes: [{ pool: "api" }],
  };
  const listeners = [{ port: 80 }, { port: 81, host: "127.0.0.1" }];
  const problems = ownAddressProblems(written, resolveConfig(written).pools, listeners);
  expect(problems.map(({ path, place }) => [path, place])).toEqual([
    [["backends", 1], "backends"],
    [["pools", "api", "backends", 0], "pools.api.backends"],
  ]);
});
