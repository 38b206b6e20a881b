import { describe, expect, test } from "bun:test";
import { RawBackend, refusedPort, type Script } from "../raw/backend.ts";
import { ask, dial, readAnswer, request } from "../raw/client.ts";
import { echoing, OFFER, offering, switching, UpgradeStage } from "./upgrade-stage.ts";

const resetting: Script = ({ wire }) => wire.reset();

describe("an offer that gets no answer", () => {
  test("goes to another backend if the first refuses the connection, whatever its method", async () => {
    await using stage = await UpgradeStage.start([switching]);
    const refusing = `http://127.0.0.1:${await refusedPort()}`;
    for (const method of ["GET", "POST"]) {
      stage.balancer.setBackends([refusing, stage.backend.url]);
      const wire = await dial(stage.url);
      const count = stage.backend.seen.length;
      // What came along must not get lost on the way.
      wire.send(`${request(method, "/", offering("tcp"))}early`);
      expect((await wire.head()).status).toBe(101);
      expect((await (await stage.backend.nextAfter(count)).wire.bytes(5)).toString()).toBe("early");
      wire.destroy();
    }
    const [first] = stage.balancer.status().backends;
    expect(first).toMatchObject({ url: refusing, alive: false });
  });

  test("goes to another backend if the first resets the connection, and may be repeated", async () => {
    await using stage = await UpgradeStage.start([resetting, resetting, switching]);
    const wire = await dial(stage.url);
    wire.send(OFFER);
    expect((await wire.head()).status).toBe(101);
    expect(stage.backends.map(({ seen }) => seen.length)).toEqual([1, 1, 1]);
    wire.destroy();
  });

  test("is answered with 502 if it may not be repeated", async () => {
    await using stage = await UpgradeStage.start([resetting, switching]);
    const wire = await dial(stage.url);
    wire.send(request("POST", "/", offering("tcp")));
    expect((await readAnswer(wire, "POST")).head.status).toBe(502);
    expect(stage.backends.map(({ seen }) => seen.length)).toEqual([1, 0]);
    wire.destroy();
  });

  test("is sent anew if the connection that was kept for it turns out dead", async () => {
    const script: Script = async (seen) => {
      if (seen.head.target === "/") seen.wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      else if (seen.turn > 0) seen.wire.reset();
      else await switching(seen);
    };
    await using stage = await UpgradeStage.start([script], { config: { retries: 0 } });
    const wire = await dial(stage.url);
    wire.send(request("GET", "/"));
    expect((await readAnswer(wire, "GET")).head.status).toBe(200);
    wire.send(OFFER);
    expect((await wire.head()).status).toBe(101);
    expect(stage.backend.seen.map(({ head, turn }) => [head.target, turn])).toEqual([
      ["/", 0],
      ["/tunnel", 1],
      ["/tunnel", 0],
    ]);
    wire.destroy();
  });

  test("is answered with 503 while no backend is there, and the connection goes on", async () => {
    await using stage = await UpgradeStage.start([switching]);
    stage.balancer.setBackends([`http://127.0.0.1:${await refusedPort()}`]);
    const wire = await dial(stage.url);
    wire.send(OFFER);
    expect((await readAnswer(wire, "GET")).head.status).toBe(503);
    stage.balancer.setBackends([stage.backend.url]);
    wire.send(OFFER);
    expect((await wire.head()).status).toBe(101);
    wire.destroy();
  });
});

test("a refusal is an answer: 503 of a backend is not tried elsewhere", async () => {
  const refusing: Script = ({ wire }) =>
    wire.send("HTTP/1.1 503 Full\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nfull");
  await using stage = await UpgradeStage.start([refusing, switching]);
  const { head, body } = await ask(stage.url, OFFER);
  expect([head.startLine, head.field("retry-after"), body.toString()]).toEqual([
    "HTTP/1.1 503 Full",
    "7",
    "full",
  ]);
  expect(stage.backends.map(({ seen }) => seen.length)).toEqual([1, 0]);
});

describe("what is spliced", () => {
  /** A tunnel, as the client's end of it. */
  async function tunnel(stage: UpgradeStage) {
    const wire = await dial(stage.url);
    wire.send(OFFER);
    expect((await wire.head()).status).toBe(101);
    return wire;
  }

  test("is under way for the status until it ends", async () => {
    await using stage = await UpgradeStage.start([echoing]);
    const wires = [await tunnel(stage), await tunnel(stage), await tunnel(stage)];
    const { body } = await ask(stage.url, request("GET", "/lb-status"));
    expect(JSON.parse(body.toString())).toMatchObject({
      inFlight: 3,
      backends: [{ url: stage.backend.url, alive: true, inFlight: 3, requests: 3 }],
    });
    for (const [index, wire] of wires.entries()) {
      wire.end();
      await stage.inFlight(2 - index);
    }
    expect(stage.balancer.status().backends[0]).toMatchObject({ failures: 0 });
  });

  test("stays when its backend is taken out, and new offers go elsewhere", async () => {
    await using stage = await UpgradeStage.start([echoing]);
    const other = await RawBackend.listen(switching);
    const wire = await tunnel(stage);
    stage.balancer.setBackends([other.url]);
    const next = await tunnel(stage);
    expect(other.seen).toHaveLength(1);
    wire.send("still there");
    expect((await wire.bytes(11)).toString()).toBe("still there");
    stage.balancer.setBackends([stage.backend.url, other.url]);
    wire.send("and now");
    expect((await wire.bytes(7)).toString()).toBe("and now");
    next.destroy();
    wire.destroy();
    await other.close();
  });

  test("stays when its backend is found to be down", async () => {
    await using stage = await UpgradeStage.start(
      [
        async (seen) => {
          if (seen.head.target === "/tunnel") await echoing(seen);
          else seen.wire.send("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
        },
      ],
      { config: { healthCheck: { intervalMs: 60_000 } } },
    );
    const wire = await tunnel(stage);
    await stage.down();
    wire.send("still there");
    expect((await wire.bytes(11)).toString()).toBe("still there");
    wire.destroy();
  });

  test("is waited for when the listener closes", async () => {
    await using stage = await UpgradeStage.start([echoing]);
    const [quick, slow] = [await tunnel(stage), await tunnel(stage)];
    let isClosed = false;
    const closing = stage.close(60_000).then(() => {
      isClosed = true;
    });
    await stage.refusing();
    quick.end();
    await quick.closed;
    slow.send("still there");
    expect((await slow.bytes(11)).toString()).toBe("still there");
    expect(isClosed).toBe(false);
    slow.end();
    await closing;
    await slow.closed;
  });

  test("is cut on both sides when the listener waits no longer", async () => {
    await using stage = await UpgradeStage.start([echoing]);
    const wire = await tunnel(stage);
    const { wire: back } = await stage.backend.nextAfter(0);
    await stage.close(1);
    await Promise.all([wire.closed, back.closed]);
    for (const { socket } of [wire, back]) expect(socket.errored).toHaveProperty("code", "ECONNRESET");
    expect(stage.balancer.status().inFlight).toBe(0);
  });
});
