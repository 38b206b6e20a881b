import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { TRANSPORT_NAMES } from "../../src/config/process.ts";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import { createLoadBalancer } from "../../src/load-balancer.ts";
import { TRANSPORTS } from "../../src/transport/index.ts";
import { messageOf } from "../config/message-of.ts";
import { RawBackend } from "../raw/backend.ts";
import { TlsBackend } from "../raw/tls-backend.ts";
import { until } from "../raw/within.ts";
import { type Certificates, makeCertificates } from "../transport/http1/certificates.ts";
import { ok } from "./probing.ts";
import { scriptedBalancer } from "./scripted-balancer.ts";

let certificates: Certificates;
let secure: TlsBackend;
let plain: RawBackend;

beforeAll(async () => {
  certificates = await makeCertificates();
  secure = await TlsBackend.listen(certificates);
  plain = await RawBackend.listen();
});

afterAll(async () => {
  await secure.close();
  await plain.close();
});

for (const name of TRANSPORT_NAMES) {
  describe(`by ${name}`, () => {
    /** What the first check says, and what a request gets then. */
    async function ask(config: LoadBalancerConfig): Promise<[said: string, status: number]> {
      const said: string[] = [];
      const lb = createLoadBalancer(config, {
        transport: TRANSPORTS[name]({ tls: { ca: certificates.ca } }),
        onStateChange: ({ state, reason }) => said.push(`${state}: ${reason}`),
      });
      lb.start();
      await until("a check is over", () => said.length > 0);
      const { status } = await lb.fetch(new Request("http://lb/traffic"));
      await lb.drain();
      return [said[0] ?? "", status];
    }

    test("checks go by another name, and requests do not", async () => {
      const healthCheck = { path: "/up", tls: { serverName: "lb.test" } };
      const from = secure.seen.length;
      const answer = await ask({ backends: [secure.misnamedUrl], healthCheck });
      expect(answer).toEqual(["up: GET /up answered 200", 503]);
      const check = { target: "/up", serverName: "lb.test", isAuthorized: false };
      expect(secure.seen.slice(from)).toEqual([check]);
    });

    test("one backend's checks believe any certificate, and requests do not", async () => {
      const healthCheck = { path: "/up", tls: { verify: false } };
      const answer = await ask({ backends: [{ url: secure.misnamedUrl, healthCheck }] });
      expect(answer).toEqual(["up: GET /up answered 200", 503]);
    });

    test("checks ask in plain text on a port of its own what is asked by TLS otherwise", async () => {
      const healthCheck = { path: "/up", port: plain.port, tls: false as const };
      const answer = await ask({ backends: [secure.url], healthCheck });
      expect(answer).toEqual([`up: GET :${plain.port}/up answered 200`, 200]);
    });
  });
}

test("a transport that speaks TLS to all in one way is refused", () => {
  const sentence = "found with the transport scripted, which speaks TLS to all in one way, expected http1";
  const tls = { verify: false };
  expect(messageOf(() => scriptedBalancer(ok, { healthCheck: { tls } }))).toBe(
    `healthCheck.tls: ${sentence}`,
  );
  const { lb } = scriptedBalancer(ok, { healthCheck: { tls: false } });
  const before = lb.status().backends.map(({ url }) => url);
  const backends = [{ url: "https://a", healthCheck: { tls } }];
  const ofOne = `backends: https://a healthCheck.tls: ${sentence}`;
  expect(messageOf(() => lb.setBackends(backends))).toBe(ofOne);
  expect(messageOf(() => lb.reconfigure({ backends }))).toBe(ofOne);
  expect(lb.status().backends.map(({ url }) => url)).toEqual(before);
});
