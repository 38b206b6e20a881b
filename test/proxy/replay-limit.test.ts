import { expect, test } from "bun:test";
import { refused, type Script } from "../simulation/scripted-transport.ts";
import { scriptedBalancer, streamingPost, streamOf } from "./scripted-balancer.ts";

test("a body is kept for another try as far as was asked for", async () => {
  for (const [replayLimitBytes, length, tries] of [
    [0, 1, 1],
    [10, 10, 2],
    [10, 11, 1],
    [200_000, 150_000, 2],
  ] as const) {
    const bodies: string[] = [];
    const script: Script = async (sent, index) => {
      bodies.push(await new Response(sent.outbound.body()).text());
      if (index === 0) throw refused();
      return new Response("ok");
    };
    for (const request of [sized(length), streamingPost(streamOf(["x".repeat(length)]))]) {
      bodies.length = 0;
      const { lb } = scriptedBalancer(script, { replayLimitBytes });
      expect((await lb.fetch(request)).status).toBe(tries === 2 ? 200 : 502);
      expect(bodies).toEqual(new Array<string>(tries).fill("x".repeat(length)));
    }
  }
});

test("a body that is not there needs nothing to be kept", async () => {
  const { lb, transport } = scriptedBalancer(
    (_, index) => {
      if (index === 0) throw refused();
      return new Response("ok");
    },
    { replayLimitBytes: 0 },
  );
  expect((await lb.fetch(new Request("http://lb/"))).status).toBe(200);
  expect(transport.tries).toHaveLength(2);
});

/** A POST with a body of known length. */
function sized(length: number): Request {
  const headers = { "content-length": `${length}` };
  return new Request("http://lb/", { method: "POST", body: "x".repeat(length), headers });
}
