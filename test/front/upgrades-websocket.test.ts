import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { until } from "../raw/within.ts";
import { BALANCERS, type Standing, webSocketUrl } from "./websocket/balancers.ts";
import { Peer } from "./websocket/peer.ts";

describe.each(Object.keys(BALANCERS))("WebSockets through lb %s", (way) => {
  let client: Peer;
  let server: Peer;
  let balancer: Standing;
  const at = (path: string) => webSocketUrl(balancer.url, path);
  /** What came of the connection that a test made: the only one to this path since it began. */
  const account = async (path: string) => {
    let accounts: readonly { closed: unknown }[] = [];
    await until("the server knows of its end", async () => {
      accounts = await server.tell("accounts", { path });
      return accounts.length > 0 && accounts.every(({ closed }) => closed !== null);
    });
    expect(accounts).toHaveLength(1);
    await server.tell("forget");
    return accounts[0];
  };

  beforeAll(async () => {
    [client, server] = await Promise.all([Peer.start("client"), Peer.start("server")]);
    const { port, isBun } = await server.tell<{ port: number; isBun: boolean }>("listen");
    expect(isBun).toBe(false);
    balancer = await (BALANCERS[way] as (typeof BALANCERS)[string])([`http://127.0.0.1:${port}`]);
  }, 30_000);

  afterAll(async () => {
    for (const each of [client, server, balancer]) await each?.[Symbol.asyncDispose]();
  });

  test("text, binary, empty and fragmented messages come back as they were sent", async () => {
    const send = [
      { text: "Grüße, 世界 🌍" },
      { base64: Buffer.from([0, 255, 1, 254]).toString("base64") },
      { text: "" },
      { pieces: ["in ", "", "four ", "pieces"] },
      { text: "x".repeat(70_000) },
    ];
    const seen = await client.tell<{ messages: string[] }>("converse", { url: at("/echo"), send, until: 5 });
    expect(seen.messages).toEqual([
      "Grüße, 世界 🌍",
      "base64 AP8B/g==",
      "",
      "in four pieces",
      "x".repeat(70_000),
    ]);
    await account("/echo");
  });

  test("a message in fragments comes whole, with the ping that came between them", async () => {
    const seen = await client.tell("converse", { url: at("/fragments"), until: 1 });
    expect(seen).toMatchObject({ messages: ["one, two, three"], pings: ["between"] });
    expect(await account("/fragments")).toMatchObject({ pongs: ["between"] });
  });

  test("pings are answered in both directions", async () => {
    const seen = await client.tell("converse", {
      url: at("/echo"),
      send: [{ ping: "a" }, { ping: "" }],
      until: 2,
    });
    expect(seen).toMatchObject({ messages: [], pongs: ["a", ""] });
    expect(await account("/echo")).toMatchObject({ pings: ["a", ""] });
    await client.tell("converse", { url: at("/ping"), send: [{ ping: "b" }], until: 1 });
    expect(await account("/ping")).toMatchObject({ pongs: ["are you there"] });
  });

  test.each([
    [1000, ""],
    [1000, "done"],
    [1001, "going away"],
    [3000, "of its own"],
    [4999, "the last of them, with a reason of its own: ü"],
  ])("the client closes with %d and %p", async (code, reason) => {
    const seen = await client.tell("converse", { url: at("/echo"), until: 0, close: [code, reason] });
    expect(seen).toMatchObject({ closed: [code, reason] });
    expect(await account("/echo")).toMatchObject({ closed: [code, reason] });
  });

  test.each([
    [1000, "done"],
    [1001, "restarting"],
    [3000, ""],
  ])("the server closes with %d and %p", async (code, reason) => {
    const url = at(`/close?code=${code}&reason=${reason}`);
    expect(await client.tell("converse", { url })).toMatchObject({ closed: [code, reason] });
    expect(await account("/close")).toMatchObject({ closed: [code, reason] });
  });

  test("no code is 1005 at the other side, and no close at all is 1006", async () => {
    expect(await client.tell("converse", { url: at("/close") })).toMatchObject({ closed: [1005, ""] });
    expect(await account("/close")).toMatchObject({ closed: [1005, ""] });
    await client.tell("converse", { url: at("/echo"), until: 0 });
    expect(await account("/echo")).toMatchObject({ closed: [1005, ""] });
    expect(await client.tell("converse", { url: at("/terminate") })).toMatchObject({ closed: [1006, ""] });
    expect(await account("/terminate")).toMatchObject({ closed: [1006, ""] });
    await client.tell("keep", { url: at("/echo") });
    await client.tell("terminate");
    expect(await account("/echo")).toMatchObject({ closed: [1006, ""] });
  });

  test("client and server agree on a subprotocol", async () => {
    const protocols = ["chat.v3", "chat.v2"];
    const seen = await client.tell("converse", {
      url: at("/echo"),
      protocols,
      send: [{ text: "a" }],
      until: 1,
    });
    expect(seen).toMatchObject({ protocol: "chat.v2", messages: ["a"] });
    expect(await account("/echo")).toMatchObject({ protocol: "chat.v2" });
  });

  test("client and server agree on compression", async () => {
    const text = "again and ".repeat(20_000);
    const send = [{ text }, { pieces: [text, text] }];
    const seen = await client.tell("converse", { url: at("/echo"), deflate: true, send, until: 2 });
    expect(seen).toMatchObject({ extensions: "permessage-deflate", messages: [text, text + text] });
    expect(await account("/echo")).toMatchObject({ extensions: "permessage-deflate" });
    expect(await client.tell("converse", { url: at("/echo"), until: 0 })).toMatchObject({ extensions: "" });
    await account("/echo");
  });

  test("refusals pass whole", async () => {
    expect(await client.tell("refused", { url: at("/401") })).toEqual({
      status: 401,
      challenge: "Bearer",
      body: "who are you?",
    });
    expect(await client.tell("refused", { url: at("/426") })).toEqual({
      status: 426,
      upgrade: "websocket",
      connection: "Upgrade",
      version: "99",
      body: "too old",
    });
  });

  test.each([false, true])(
    "sixteen MiB in one message, compressed: %p",
    async (deflate) => {
      expect(await client.tell<boolean>("large", { url: at("/echo"), bytes: 16_777_216, deflate })).toBe(
        true,
      );
      await account("/echo");
    },
    30_000,
  );
});
