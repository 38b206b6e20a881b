import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { RawBackend } from "../raw/backend.ts";
import { ask, request } from "../raw/client.ts";
import type { Runtime } from "./runtime.ts";
import { withBalancer } from "./stage.ts";

const SECRET = "a secret that is long enough";

/** That a client is kept at its backend. */
export function sessions(runtime: Runtime): void {
  describe("a client that keeps its cookie", () => {
    test("is kept at its backend, by a value that is the same in every runtime", async () => {
      const backends = [await RawBackend.listen(), await RawBackend.listen()];
      const sticky = { by: "cookie", secret: SECRET } as const;
      await withBalancer(runtime, backends, { sticky }, async ({ url }) => {
        const [first, second] = backends as [RawBackend, RawBackend];
        const told = (await ask(url, request("GET", "/"))).head.all("set-cookie");
        const cookies = [first, second].map(
          (backend) => `lb=${createHmac("sha256", SECRET).update(backend.url).digest("base64url")}`,
        );
        expect(told).toEqual([`${cookies[0]}; Path=/; HttpOnly; SameSite=Lax`]);
        for (let count = 0; count < 3; count++) {
          const { head } = await ask(url, request("GET", "/", [`Cookie: a=1; ${cookies[1]}`]));
          expect([head.status, head.all("set-cookie")]).toEqual([200, []]);
        }
        expect([first.seen.length, second.seen.length]).toEqual([1, 3]);
        expect(second.seen[0]?.head.field("cookie")).toBe(`a=1; ${cookies[1]}`);
      });
    }, 30_000);
  });
}
