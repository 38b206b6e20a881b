import { afterAll, describe, expect, test } from "bun:test";
import type { Listener } from "../../src/adapters/adapter.ts";
import { bunAdapter } from "../../src/adapters/bun.ts";
import { spreadAgain, steerAway } from "../../src/workers/steering.ts";
import { ask, request } from "../raw/client.ts";

describe.skipIf(process.platform !== "linux")("sockets that share a port", async () => {
  const listeners: Listener[] = [];
  const served = [0, 0, 0];
  let port = 0;
  for (const index of served.keys()) {
    const count = async () => {
      served[index] = (served[index] as number) + 1;
      return new Response("ok");
    };
    const listener = await bunAdapter.listen(count, { port, hostname: "127.0.0.1", reusePort: true });
    port = listener.port;
    listeners.push(listener);
  }
  afterAll(async () => {
    for (const listener of listeners) await listener.close(0);
  });

  /** How many of sixty connections each got. With chances of a third, one gets none once in 10^10 times. */
  async function shares(): Promise<number[]> {
    served.fill(0);
    const bytes = request("GET", "/", ["Connection: close"]);
    await Promise.all(Array.from({ length: 60 }, () => ask(`http://127.0.0.1:${port}`, bytes)));
    return [...served];
  }

  for (const index of served.keys()) {
    test(`number ${index} is passed over, in the order in which they were opened`, async () => {
      expect(steerAway({ port }, { index, count: 3 })).toBe(true);
      const others = await shares();
      expect(others.splice(index, 1)).toEqual([0]);
      for (const share of others) expect(share).toBeGreaterThan(0);
    });
  }

  test("none is any more once that is undone, and there is nothing to undo then", async () => {
    steerAway({ port }, { index: 0, count: 3 });
    expect([spreadAgain({ port }), spreadAgain({ port })]).toEqual([true, false]);
    for (const share of await shares()) expect(share).toBeGreaterThan(0);
  });

  test("a port that nobody here listens on is none of our business", () => {
    expect([steerAway({ port: 1 }, { index: 0, count: 2 }), spreadAgain({ port: 1 })]).toEqual([
      false,
      false,
    ]);
  });
});
