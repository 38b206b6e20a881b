import { expect, test } from "bun:test";
import { RawBackend } from "../raw/backend.ts";
import { ask, dial, readAnswer, request } from "../raw/client.ts";
import type { Runtime } from "./runtime.ts";
import { withBalancer } from "./stage.ts";

/** Many requests. */
export function load(runtime: Runtime): void {
  test("300 requests on 50 connections are 100 for each of 3 backends", async () => {
    const backends = await Promise.all([1, 2, 3].map(() => RawBackend.listen()));
    await withBalancer(runtime, backends, {}, async ({ url }) => {
      const connection = async () => {
        const wire = await dial(url);
        for (let count = 0; count < 6; count++) {
          wire.send(request("GET", "/"));
          expect((await readAnswer(wire, "GET")).head.status).toBe(200);
        }
        wire.destroy();
      };
      await Promise.all(Array.from({ length: 50 }, connection));
      expect(backends.map(({ seen }) => seen.length)).toEqual([100, 100, 100]);
    });
  }, 20_000);

  test("600 requests are under way at once", async () => {
    const all = Promise.withResolvers<void>();
    const backend = await RawBackend.listen(async ({ wire }) => {
      if (backend.seen.length === 600) all.resolve();
      await all.promise;
      wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    await withBalancer(runtime, [backend], {}, async ({ url }) => {
      const answers = Array.from(
        { length: 600 },
        async () => (await ask(url, request("GET", "/"))).head.status,
      );
      expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
      expect(backend.seen.length).toBe(600);
    });
  }, 30_000);
}
