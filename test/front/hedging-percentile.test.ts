import { describe, expect, test } from "bun:test";
import { request } from "../raw/client.ts";
import { answer, BACKENDS } from "./hedged.ts";
import { ScriptedFront } from "./scripted-front.ts";

describe("by the 95th percentile", () => {
  /** Two backends that have answered a hundred requests, each after 20 ms. */
  async function known() {
    const front = await ScriptedFront.listen(
      {},
      { backends: BACKENDS.slice(0, 2), hedge: { percentile: 95 } },
    );
    const client = front.client();
    for (let count = 0; count < 100; count++) await answered(client, front, 20);
    return { front, client };
  }

  type Client = ReturnType<ScriptedFront["client"]>;

  /** The backends with a request, in the order of their connections. */
  function asked(front: ScriptedFront): Client[] {
    for (let socket = front.dialled(); socket !== undefined; socket = front.dialled()) socket.events.opened();
    return front.connected.filter((socket) => socket.isOpen && socket.taken() !== "");
  }

  /** A request that is answered after so long. */
  async function answered(client: Client, front: ScriptedFront, ms: number): Promise<void> {
    client.receive(request("GET", "/"));
    const [backend] = asked(front);
    front.clock.advance(ms);
    backend?.receive(answer(200));
    expect(client.taken()).toBe(answer(200));
  }

  test("a second try is due later than that many answers were, once they are known", async () => {
    const { front, client } = await known();
    client.receive(request("GET", "/"));
    expect(asked(front)).toHaveLength(1);
    front.clock.advance(19);
    expect(asked(front)).toHaveLength(0);
    front.clock.advance(6);
    expect(asked(front)).toHaveLength(1);
  });

  test("is due later when many go unanswered for longer, although they are given up", async () => {
    const { front, client } = await known();
    let hedges = 0;
    for (; hedges < 20; hedges++) {
      client.receive(request("GET", "/"));
      const [first] = asked(front);
      front.clock.advance(40);
      const [second] = asked(front);
      if (second === undefined) break;
      second.receive(answer(200));
      expect(client.taken()).toBe(answer(200));
      expect(first?.isOpen).toBe(false);
    }
    // By then more than one in twenty took longer, those that were answered second counted too.
    expect(hedges).toBeGreaterThanOrEqual(5);
    expect(hedges).toBeLessThan(12);
  });
});
