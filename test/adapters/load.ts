import { describe, expect, test } from "bun:test";
import { RawBackend } from "../raw/backend.ts";
import { ask, dial, finalHead, readAnswer, request } from "../raw/client.ts";
import { until } from "../raw/within.ts";
import type { Runtime } from "./runtime.ts";
import { withBalancer } from "./stage.ts";

/** Many requests, quiet ones, and the end. */
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

  describe("after SIGTERM", () => {
    test("what is under way is finished, nothing new is taken, and the program ends with 0", async () => {
      const gate = Promise.withResolvers<void>();
      const backend = await RawBackend.listen(async ({ head, wire }) => {
        if (head.target === "/idle") {
          wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
          return;
        }
        if (head.target === "/begun")
          wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        await gate.promise;
        if (head.target === "/begun") wire.send("3\r\ndef\r\n0\r\n\r\n");
        else wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      });
      await withBalancer(runtime, [backend], {}, async (program) => {
        const idle = await dial(program.url);
        idle.send(request("GET", "/idle"));
        expect((await readAnswer(idle, "GET")).head.status).toBe(200);
        const [begun, quiet] = [await dial(program.url), await dial(program.url)];
        begun.send(request("GET", "/begun"));
        const begunHead = await finalHead(begun);
        quiet.send(request("POST", "/quiet", ["Content-Length: 0"]));
        await until("the backend has them", () => backend.seen.length === 3);

        program.terminate();
        await until("no connection is taken", async () => {
          const wire = await dial(program.url).catch(() => undefined);
          wire?.destroy();
          return wire === undefined;
        });
        gate.resolve();
        expect((await begun.body(begunHead)).toString()).toBe("abcdef");
        const { head, body } = await readAnswer(quiet, "POST");
        expect([head.status, body.toString()]).toEqual([200, "ok"]);
        expect(await program.exited(5_000)).toBe(0);
        expect(program.errors).toBe("");
        await idle.closed;
      });
    }, 20_000);

    test("an idle program ends at once", async () => {
      const backend = await RawBackend.listen();
      await withBalancer(runtime, [backend], {}, async (program) => {
        const [silent, idle] = [await dial(program.url), await dial(program.url)];
        idle.send(request("GET", "/"));
        expect((await readAnswer(idle, "GET")).head.status).toBe(200);
        program.terminate();
        expect(await program.exited(5_000)).toBe(0);
        await idle.closed;
        silent.destroy();
      });
    });
  });
}
