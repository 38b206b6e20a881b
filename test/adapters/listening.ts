import { describe, expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { RawBackend } from "../raw/backend.ts";
import { ask, dial, finalHead, readAnswer, request } from "../raw/client.ts";
import { until } from "../raw/within.ts";
import type { Runtime } from "./runtime.ts";
import { withBalancer } from "./stage.ts";

/** This machine's addresses for itself: not every one has IPv6. */
function loopbackAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).filter(({ internal }) => internal).map(({ address }) => address),
  );
}

/** From the first connection to the last. */
export function listening(runtime: Runtime): void {
  test("all interfaces are listened on, of both families", async () => {
    const backend = await RawBackend.listen();
    const env = { FIXTURE_HOST: "" };
    await withBalancer(
      runtime,
      [backend],
      {},
      async ({ url }) => {
        const { hostname, port } = new URL(url);
        expect(hostname).toBe("localhost");
        for (const address of loopbackAddresses()) {
          const host = address.includes(":") ? `[${address}]` : address;
          expect((await ask(`http://${host}:${port}`, request("GET", "/"))).head.status).toBe(200);
          expect(backend.seen.at(-1)?.head.field("x-forwarded-for")).toBe(address);
        }
      },
      env,
    );
  });

  test("a port that is taken is told by its code", async () => {
    const backend = await RawBackend.listen();
    const env = { FIXTURE_PORT: String(backend.port) };
    const use = async () => {};
    await expect(withBalancer(runtime, [backend], {}, use, env)).rejects.toThrow(`{"refused":"EADDRINUSE"}`);
  });

  describe("after SIGTERM", () => {
    test("what is under way is finished, nothing new is taken, and the program ends with 0", async () => {
      const gate = Promise.withResolvers<void>();
      const backend = await RawBackend.listen(async ({ head, wire }) => {
        if (head.target === "/idle") {
          wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
          return;
        }
        const isBegun = head.target === "/begun";
        if (isBegun) wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        await gate.promise;
        wire.send(isBegun ? "3\r\ndef\r\n0\r\n\r\n" : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
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
    }, 20_000);

    test("what is not finished in time is cut", async () => {
      const backend = await RawBackend.listen(async ({ wire }) => {
        wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        await wire.rest();
      });
      const env = { FIXTURE_GRACE_MS: "300" };
      await withBalancer(
        runtime,
        [backend],
        {},
        async (program) => {
          const wire = await dial(program.url);
          wire.send(request("GET", "/"));
          const head = await finalHead(wire);
          program.terminate();
          await expect(wire.body(head)).rejects.toThrow("the connection ended before");
          expect(await program.exited(5_000)).toBe(0);
        },
        env,
      );
    }, 20_000);
  });
}
