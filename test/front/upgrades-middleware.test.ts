/** Offers to switch protocols that pass middlewares first. */
import { describe, expect, test } from "bun:test";
import type { LoadBalancerConfig } from "../../src/config/types/config.ts";
import type { Middleware } from "../../src/middleware/middleware.ts";
import { answerOk } from "../raw/backend.ts";
import { dial, readAnswer, request } from "../raw/client.ts";
import { echoing, OFFER, offering, switching, UpgradeStage } from "./upgrade-stage.ts";

const through = (...middleware: NonNullable<LoadBalancerConfig["middleware"]>) => ({
  config: { middleware },
});

const declining: Middleware = (incoming, next) => {
  incoming.headers.delete("upgrade");
  return next(incoming);
};

const passing: Middleware = (incoming, next) => next(incoming);

describe("an offer on a route with middlewares", () => {
  test("reaches the backend as they have left it, and both sides then talk", async () => {
    const changes = through(
      { stripPrefix: "/ws" },
      { requestHeaders: { set: { "x-user": "7" }, remove: ["cookie"] } },
    );
    await using stage = await UpgradeStage.start([echoing], changes);
    const wire = await dial(stage.url);
    wire.send(request("GET", "/ws/room?a=b", [...offering("tcp"), "Cookie: secret", "Sec-X: z"]));
    const seen = await stage.backend.nextAfter(0);
    expect(seen.head.startLine).toBe("GET /room?a=b HTTP/1.1");
    expect(seen.head.field("upgrade")).toBe("tcp");
    expect(seen.head.all("connection")).toEqual(["Upgrade"]);
    expect(seen.head.field("x-user")).toBe("7");
    expect(seen.head.field("sec-x")).toBe("z");
    expect(seen.head.field("cookie")).toBeUndefined();
    expect(seen.head.field("x-forwarded-for")).toBe("127.0.0.1");
    expect((await wire.head()).startLine).toBe("HTTP/1.1 101 Switching Protocols");
    wire.send("hello");
    expect((await wire.bytes(5)).toString()).toBe("hello");
    wire.destroy();
  });

  test("brings along what they have set, whatever the client's Connection names, and says whom it asked for", async () => {
    const changes = through(
      { stripPrefix: { prefix: "/ws", forwardedPrefix: true } },
      { requestHeaders: { set: { "x-user": "7", "x-real-ip": "192.0.2.1", host: "inside.test" } } },
    );
    await using stage = await UpgradeStage.start([answerOk], changes);
    const wire = await dial(stage.url);
    const named = "Connection: upgrade, x-user, x-forwarded-prefix, x-real-ip, x-own";
    const own = ["X-User: 0", "X-Own: 1", "X-Real-IP: 203.0.113.9", "X-Client-IP: 203.0.113.9"];
    for (const offer of [[], ["Upgrade: tcp"]]) {
      const before = stage.backend.seen.length;
      wire.send(request("GET", "/ws/room", [named, ...offer, ...own]));
      const { head } = await stage.backend.nextAfter(before);
      await readAnswer(wire, "GET");
      expect(head.field("upgrade")).toBe(offer.length === 0 ? undefined : "tcp");
      expect(head.all("x-user")).toEqual(["7"]);
      expect(head.all("x-real-ip")).toEqual(["192.0.2.1"]);
      expect(head.all("x-forwarded-prefix")).toEqual(["/ws"]);
      expect(head.all("host")).toEqual(["inside.test"]);
      expect(head.all("x-forwarded-host")).toEqual(["lb.test"]);
      expect(head.all("x-client-ip")).toEqual([]);
      expect(head.all("x-own")).toEqual([]);
    }
    wire.destroy();
  });

  test("loses nothing of what the client sends before it is answered", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow: Middleware = async (incoming, next) => {
      await promise;
      return next(incoming);
    };
    await using stage = await UpgradeStage.start([echoing], through(slow));
    const wire = await dial(stage.url);
    wire.send(`${OFFER}early`);
    resolve();
    expect((await wire.head()).startLine).toBe("HTTP/1.1 101 Switching Protocols");
    expect((await wire.bytes(5)).toString()).toBe("early");
    wire.destroy();
  });

  test("that one of them answers never reaches it, and the connection goes on", async () => {
    await using stage = await UpgradeStage.start([switching], through({ maintenance: {} }));
    const wire = await dial(stage.url);
    wire.send(OFFER);
    expect((await readAnswer(wire, "GET")).head.startLine).toStartWith("HTTP/1.1 503 ");
    wire.send(request("GET", "/lb-status"));
    expect((await readAnswer(wire, "GET")).head.startLine).toStartWith("HTTP/1.1 200 ");
    expect(stage.balancer.status().backends[0]?.requests).toBe(0);
    wire.destroy();
  });

  test("is answered by a backend that does not take it, and the next request passes them again", async () => {
    let passed = 0;
    const counting: Middleware = (incoming, next) => {
      passed += 1;
      return next(incoming);
    };
    await using stage = await UpgradeStage.start([answerOk], through(counting));
    const wire = await dial(stage.url);
    for (const bytes of [OFFER, request("GET", "/plain"), OFFER]) {
      wire.send(bytes);
      expect((await readAnswer(wire, "GET")).head.startLine).toBe("HTTP/1.1 200 OK");
    }
    expect(passed).toBe(3);
    expect(stage.balancer.status()).toMatchObject({ inFlight: 0, backends: [{ requests: 3 }] });
    wire.destroy();
  });

  test("is no offer any more if one of them takes it away", async () => {
    await using stage = await UpgradeStage.start([echoing], through(declining));
    const wire = await dial(stage.url);
    wire.send(OFFER);
    expect((await wire.head()).startLine).toBe("HTTP/1.1 200 OK");
    wire.destroy();
  });

  test("is given up if the client leaves before they have let it through", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const slow: Middleware = async (incoming, next) => {
      incoming.signal.addEventListener("abort", () => left.resolve(), { once: true });
      await promise;
      return next(incoming);
    };
    await using stage = await UpgradeStage.start([switching], through(slow, passing));
    const wire = await dial(stage.url);
    wire.send(OFFER);
    await stage.inFlight(0);
    wire.destroy();
    await left.promise;
    resolve();
    const other = await dial(stage.url);
    other.send(request("GET", "/lb-status"));
    await readAnswer(other, "GET");
    expect(stage.balancer.status().backends[0]?.requests).toBe(0);
    other.destroy();
  });

  test("with a head that has grown beyond its limit is the balancer's fault, and is told so", async () => {
    const growing = through({ requestHeaders: { set: { "x-long": "x".repeat(7_000) } } });
    await using stage = await UpgradeStage.start([switching], growing);
    const wire = await dial(stage.url);
    wire.send(
      request("GET", "/", [
        ...offering("tcp"),
        ...Array.from({ length: 12 }, (_, at) => `X-${at}: ${"y".repeat(5_000)}`),
      ]),
    );
    expect((await readAnswer(wire, "GET")).head.startLine).toStartWith("HTTP/1.1 500 ");
    wire.destroy();
  });
});
