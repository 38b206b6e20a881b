import { expect, test } from "bun:test";
import { answerOk } from "../raw/backend.ts";
import { dial, readAnswer, request } from "../raw/client.ts";
import { OFFER, offering, SWITCHED, switching, UpgradeStage } from "./upgrade-stage.ts";

test("an offer passes as it was made, and the answer that takes it comes back whole", async () => {
  const answer =
    "HTTP/1.1 101 As You Like\r\nupgrade: TCP/2\r\nConnection: upgrade, X-Hop\r\nX-Hop: 1\r\nSec-X: y\r\n";
  await using stage = await UpgradeStage.start([({ wire }) => wire.send(`${answer}\r\n`)]);
  const wire = await dial(stage.url);
  const fields = [
    "UPGRADE:  TCP/2,  other",
    "connection: keep-alive,UPGRADE, X-Mine",
    "X-Mine: 1",
    "Sec-X: z",
  ];
  wire.send(request("GET", "/tunnel?a=b", fields));
  const seen = await stage.backend.nextAfter(0);
  expect(seen.head.startLine).toBe("GET /tunnel?a=b HTTP/1.1");
  expect(seen.head.field("upgrade")).toBe("TCP/2,  other");
  expect(seen.head.all("connection")).toEqual(["Upgrade"]);
  expect(seen.head.names).toEqual([
    "connection",
    "host",
    "sec-x",
    "upgrade",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
  ]);
  expect((await wire.head()).raw).toBe(
    "HTTP/1.1 101 As You Like\r\nupgrade: TCP/2\r\nSec-X: y\r\nConnection: Upgrade",
  );
  wire.destroy();
});

/** Requests that do not offer what may pass on: what is sent. */
const NO_OFFERS: Readonly<Record<string, string>> = {
  "no offer at all": request("GET", "/"),
  "Connection: Upgrade without Upgrade": request("GET", "/", ["Connection: Upgrade"]),
  "Upgrade without Connection": request("GET", "/", ["Upgrade: websocket"]),
  "Upgrade that Connection does not name": request("GET", "/", [
    "Connection: keep-alive",
    "Upgrade: websocket",
  ]),
  "an empty Upgrade": request("GET", "/", ["Connection: Upgrade", "Upgrade:"]),
  "HTTP/2 in clear text": request("GET", "/", [
    "Connection: Upgrade, HTTP2-Settings",
    "Upgrade: h2c",
    "HTTP2-Settings: AA",
  ]),
  "HTTP/2 in clear text, in capitals": request("GET", "/", offering("H2C")),
  "HTTP/2 beside another protocol": request("GET", "/", offering("websocket, h2c")),
  "HTTP/2 on another line": request("GET", "/", [...offering("websocket"), "Upgrade: h2c"]),
  "HTTP/2 by its versioned name": request("GET", "/", offering("HTTP/2.0")),
  "a request with a body": request("POST", "/", [...offering("websocket"), "Content-Length: 2"], "ab"),
  "a request with chunks": request(
    "POST",
    "/",
    [...offering("websocket"), "Transfer-Encoding: chunked"],
    "0\r\n\r\n",
  ),
};

for (const [name, bytes] of Object.entries(NO_OFFERS)) {
  test(`is not passed on as an offer: ${name}`, async () => {
    await using stage = await UpgradeStage.start([answerOk]);
    const wire = await dial(stage.url);
    const method = bytes.split(" ")[0] as string;
    for (let turn = 0; turn < 2; turn++) {
      wire.send(bytes);
      const { head, body } = await readAnswer(wire, method);
      expect([head.status, body.toString()]).toEqual([200, "ok"]);
      const { names, raw } = (await stage.backend.nextAfter(turn)).head;
      expect(names.filter((name) => /^(connection|upgrade|http2-settings)$/.test(name))).toEqual([]);
      expect(raw).not.toMatch(/h2c|websocket/i);
    }
    wire.destroy();
  });

  test(`101 is no answer to it: ${name}`, async () => {
    await using stage = await UpgradeStage.start([switching], { config: { retries: 0 } });
    const wire = await dial(stage.url);
    wire.send(bytes);
    const { head } = await readAnswer(wire, "GET");
    expect([head.status, head.field("upgrade")]).toEqual([502, undefined]);
    wire.destroy();
  });
}

test("HTTP/1.0 knows no offers", async () => {
  await using stage = await UpgradeStage.start([answerOk]);
  const wire = await dial(stage.url);
  wire.send("GET / HTTP/1.0\r\nHost: lb.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  const { head, body } = await readAnswer(wire, "GET");
  expect([head.status, body.toString(), head.field("upgrade")]).toEqual([200, "ok", undefined]);
  const { names } = (await stage.backend.nextAfter(0)).head;
  expect(names.filter((name) => name === "connection" || name === "upgrade")).toEqual([]);
  await wire.closed;
});

/** Answers that decline an offer: what the backend sends, and the head that the client gets but for `Date`. */
const REFUSALS: readonly (readonly [string, string, string, string])[] = [
  [
    "401 with a body",
    'HTTP/1.1 401 Who Are You\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 6\r\n\r\nnobody',
    'HTTP/1.1 401 Who Are You\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 6',
    "nobody",
  ],
  [
    "403 in chunks",
    "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
    "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked",
    "no",
  ],
  [
    "426, which says what is wanted",
    "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket/13\r\nConnection: upgrade\r\nContent-Length: 3\r\n\r\n13!",
    "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket/13\r\nContent-Length: 3\r\nConnection: Upgrade",
    "13!",
  ],
  [
    "426, which does not say it",
    "HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nno",
    "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2",
    "no",
  ],
  [
    "200, as from a server that knows no other protocol, and advertises what is not offered",
    "HTTP/1.1 200 OK\r\nUpgrade: h2,h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/1.1 200 OK\r\nContent-Length: 2",
    "ok",
  ],
];

for (const [name, sent, expected, expectedBody] of REFUSALS) {
  test(`a refusal passes whole, and the connection goes on: ${name}`, async () => {
    await using stage = await UpgradeStage.start([({ wire }) => wire.send(sent)]);
    const wire = await dial(stage.url);
    // The second comes with the first: it must wait for the answer, since the first could be taken.
    wire.send(OFFER + OFFER);
    for (let turn = 0; turn < 2; turn++) {
      const { head, body } = await readAnswer(wire, "GET");
      expect(head.raw.replace(/\r\nDate: [^\r]+/, "")).toBe(expected);
      expect(body.toString()).toBe(expectedBody);
      expect((await stage.backend.nextAfter(turn)).head.field("upgrade")).toBe("tcp");
    }
    await stage.inFlight(0);
    wire.destroy();
  });
}

test("426 says what is wanted also to a client that did not offer it, and on its last connection", async () => {
  const answer =
    "HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n";
  await using stage = await UpgradeStage.start([({ wire }) => wire.send(answer)]);
  const wire = await dial(stage.url);
  wire.send(request("GET", "/"));
  const first = (await readAnswer(wire, "GET")).head;
  expect([first.field("upgrade"), first.field("connection")]).toEqual(["TLS/1.2", "Upgrade"]);
  wire.send(request("GET", "/", ["Connection: close"]));
  const last = (await readAnswer(wire, "GET")).head;
  expect([last.field("upgrade"), last.field("connection")]).toEqual(["TLS/1.2", "Upgrade, close"]);
  await wire.closed;
  const old = await dial(stage.url);
  old.send("GET / HTTP/1.0\r\n\r\n");
  const oldHead = (await readAnswer(old, "GET")).head;
  expect([oldHead.field("upgrade"), oldHead.field("connection")]).toEqual([undefined, "close"]);
  await old.closed;
});

test("interim answers go before 101, and what comes with it and after it is not HTTP any more", async () => {
  await using stage = await UpgradeStage.start([
    async ({ wire }) => {
      wire.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
      wire.send(`${SWITCHED}HTTP/1.1 200 OK\r\n\r\n`);
      await wire.closed;
    },
  ]);
  const wire = await dial(stage.url);
  wire.send(OFFER);
  expect((await wire.head()).status).toBe(103);
  expect((await wire.head()).status).toBe(101);
  expect((await wire.bytes(19)).toString()).toBe("HTTP/1.1 200 OK\r\n\r\n");
  wire.send("0\r\nnot http at all");
  const { wire: back } = await stage.backend.nextAfter(0);
  expect((await back.bytes(18)).toString()).toBe("0\r\nnot http at all");
  await stage.inFlight(1);
  wire.reset();
  await back.closed;
  await stage.inFlight(0);
});

test("an offer over several lines passes in all of them", async () => {
  await using stage = await UpgradeStage.start([switching]);
  const wire = await dial(stage.url);
  wire.send(request("GET", "/", [...offering("tcp"), "X-Between: 1", "upgrade: other/2"]));
  expect((await wire.head()).status).toBe(101);
  expect((await stage.backend.nextAfter(0)).head.all("upgrade")).toEqual(["tcp", "other/2"]);
  wire.destroy();
});
