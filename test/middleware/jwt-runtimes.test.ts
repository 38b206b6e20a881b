/** Tokens in each runtime, checked with keys that a real issuer publishes. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { BehindMiddlewares } from "../adapters/behind-middlewares.ts";
import { Program, type Runtime, removeBundles } from "../adapters/runtime.ts";
import { BUN_FRONT, DENO_FRONT, DENO_RUNTIME, NODE_FRONT, NODE_RUNTIME } from "../adapters/runtimes.ts";
import { RawBackend } from "../raw/backend.ts";
import { ask, request } from "../raw/client.ts";
import { goodClaims, inSeconds, signer } from "./tokens.ts";

/** Deno finds packages by a config only, and it is to have none. */
const bundled = (runtime: Runtime): Runtime => ({ ...runtime, needsBundle: true });
const RUNTIMES = [BUN_FRONT, bundled(DENO_FRONT), bundled(DENO_RUNTIME), NODE_FRONT, NODE_RUNTIME];

const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];
const keys = await Promise.all(ALGORITHMS.map((algorithm) => signer(algorithm, algorithm)));
const stranger = await signer("RS256", "RS256");

afterAll(removeBundles);

describe.each(RUNTIMES.map((runtime) => [`${runtime.name}, front ${runtime.front}`, runtime] as const))(
  "%s",
  (_, runtime) => {
    let issuer: Bun.Server<unknown>;
    let backend: RawBackend;
    let program: Program;
    beforeAll(async () => {
      const set = { keys: keys.map(({ jwk }) => jwk) };
      issuer = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => Response.json(set) });
      backend = await RawBackend.listen();
      const options = {
        algorithms: ALGORITHMS,
        jwksUrl: `${issuer.url.origin}/keys`,
        claimHeaders: { "x-user": "sub" },
        forwardCredentials: false,
      };
      const told: BehindMiddlewares = { backends: [backend.url], middlewares: [["jwt", options]] };
      program = await Program.start(runtime, "behind-middlewares.ts", told);
    }, 30_000);
    afterAll(async () => {
      await program.kill();
      await backend.close();
      await issuer.stop(true);
    });

    const asking = (token: string) =>
      ask(program.url, request("GET", "/a?b", [`Authorization: Bearer ${token}`, "X-User: root"]));

    test.each(keys.map((key) => [key.algorithm, key] as const))("%s", async (_, key) => {
      expect((await asking(await key.sign())).head.status).toBe(200);
      const { head } = backend.seen.at(-1) ?? {};
      expect(head?.all("x-user")).toEqual(["alice"]);
      expect(head?.all("authorization")).toEqual([]);
      expect(head?.target).toBe("/a?b");
      const expired = await asking(await key.sign({ ...goodClaims(), exp: inSeconds(-60) }));
      expect(expired.head.status).toBe(401);
      expect(expired.head.field("www-authenticate")).toContain("the token has expired");
    });

    test("another's signature", async () => {
      const before = backend.seen.length;
      expect((await asking(await stranger.sign())).head.status).toBe(401);
      expect(backend.seen.length).toBe(before);
    });
  },
);
