/** Requests that few clients make, and that a server has to take all the same. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { answerBytes, type Script } from "../raw/backend.ts";
import { ask, dial, readAnswer, request } from "../raw/client.ts";
import type { Wire } from "../raw/wire.ts";
import { within } from "../raw/within.ts";
import { HostileStage } from "./hostile-stage.ts";

let stage: HostileStage;
beforeAll(async () => {
  stage = await HostileStage.start(() => {}, true);
});
afterAll(() => stage[Symbol.asyncDispose]());

const CHUNKED = "Transfer-Encoding: chunked";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** Sends bytes, and gives back all that came until the end of the connection. */
async function all(bytes: string): Promise<string> {
  const wire = await dial(stage.url);
  wire.send(bytes);
  const got = await wire.rest();
  wire.destroy();
  return got.toString("latin1").replace(/\r\nDate: [^\r]+/g, "");
}

describe("Expect: 100-continue", () => {
  const EXPECTING = ["Expect: 100-continue", "Content-Length: 5"];

  test("is the backend's to answer, and then the body goes", async () => {
    stage.backend.script = async ({ head, wire }) => {
      expect(head.field("expect")).toBe("100-continue");
      wire.send("HTTP/1.1 100 Continue\r\n\r\n");
      expect((await wire.body(head)).toString()).toBe("hello");
      wire.send(OK);
    };
    const wire = await dial(stage.url);
    wire.send(request("POST", "/", EXPECTING));
    expect((await wire.head()).status).toBe(100);
    wire.send("hello");
    expect((await readAnswer(wire, "POST")).head.status).toBe(200);
    // And the connection is as good as before.
    stage.backend.script = answerBytes(OK);
    wire.send(request("GET", "/"));
    expect((await readAnswer(wire, "GET")).head.status).toBe(200);
    wire.destroy();
  });

  test("need not be waited for", async () => {
    stage.backend.script = answerBytes(`HTTP/1.1 100 Continue\r\n\r\n${OK}`);
    const wire = await dial(stage.url);
    wire.send(request("POST", "/", EXPECTING, "hello"));
    expect((await wire.head()).status).toBe(100);
    expect((await readAnswer(wire, "POST")).head.status).toBe(200);
    wire.destroy();
  });

  test("that is refused ends the connection, since nobody knows whether the body comes", async () => {
    stage.backend.script = ({ wire }) =>
      wire.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
    const wire = await dial(stage.url);
    wire.send(request("POST", "/", EXPECTING));
    const { head } = await readAnswer(wire, "POST");
    expect([head.status, head.field("connection")]).toEqual([417, "close"]);
    wire.send(`hello${request("GET", "/after")}`);
    expect(await wire.rest()).toBeEmpty();
    expect(stage.backend.where({ target: "/after" })).toEqual([]);
    wire.destroy();
  });

  test("of HTTP/1.0 means nothing, and is not answered with 100", async () => {
    stage.backend.script = async ({ head, wire }) => {
      expect(head.field("expect")).toBeUndefined();
      await wire.body(head);
      wire.send(`HTTP/1.1 103 Early Hints\r\n\r\n${OK}`);
    };
    const sent = "POST / HTTP/1.0\r\nHost: lb.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello";
    expect(await all(sent)).toStartWith("HTTP/1.1 200 OK\r\n");
  });
});

describe("HTTP/1.0", () => {
  test("without a Host reaches the backend by its own name", async () => {
    stage.backend.script = answerBytes(OK);
    expect(await all("GET /old HTTP/1.0\r\n\r\n")).toEndWith("\r\n\r\nok");
    const seen = stage.backend.where({ target: "/old" }).at(-1);
    expect(seen?.head.field("host")).toBe(`127.0.0.1:${stage.backend.port}`);
  });

  test.each([
    ["chunks", `${CHUNKED}\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n`],
    ["the end of the connection", "Connection: close\r\n\r\nok"],
  ])("gets a body that is framed by %s framed by its own end", async (_, rest) => {
    stage.backend.script = async ({ wire }) => {
      wire.send(`HTTP/1.1 200 OK\r\n${rest}`);
      if (rest.includes("close")) wire.end();
    };
    const got = await all("GET / HTTP/1.0\r\nHost: lb.test\r\nConnection: keep-alive\r\n\r\n");
    expect(got).toBe("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok");
  });

  test("with keep-alive gets that said, and the next answer", async () => {
    stage.backend.script = answerBytes(OK);
    const old = "GET / HTTP/1.0\r\nHost: lb.test\r\nConnection: ";
    const got = await all(`${old}KEEP-alive\r\n\r\n${old}close\r\n\r\n`);
    expect(got).toBe(
      [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
      ].join(""),
    );
  });
});

describe("a target", () => {
  test.each([
    ["OPTIONS", "*", "*"],
    ["OPTIONS", "http://lb.test", "*"],
    ["OPTIONS", "http://lb.test/", "/"],
    ["GET", "http://lb.test", "/"],
    ["GET", "http://lb.test?a=b", "/?a=b"],
    ["GET", "HTTP://LB.TEST:80/a", "/a"],
    ["GET", "/?", "/?"],
    ["GET", '/a%2Fb/%7e?x=%00&y[]=|"<>^`{}', '/a%2Fb/%7e?x=%00&y[]=|"<>^`{}'],
    ["GET", "/http://other.test/", "/http://other.test/"],
    ["GET", `/${"x".repeat(30_000)}`, `/${"x".repeat(30_000)}`],
  ])("%s %p", async (method, target, reached) => {
    stage.backend.script = answerBytes(OK);
    const before = stage.backend.seen.length;
    expect((await ask(stage.url, request(method, target))).head.status).toBe(200);
    const { head } = await stage.backend.nextAfter(before);
    expect([head.method, head.target]).toEqual([method, reached]);
  });
});

describe("a Host", () => {
  test.each([
    "lb.test:8080",
    "[::1]",
    "[::1]:80",
    "192.0.2.1",
    "LB.Test",
    "under_score",
    "xn--bcher-kva.test",
    "lb.test.",
  ])("%s", async (host) => {
    stage.backend.script = answerBytes(OK);
    const before = stage.backend.seen.length;
    expect((await ask(stage.url, `GET / HTTP/1.1\r\nHOST:${host}\r\n\r\n`)).head.status).toBe(200);
    const { head } = await stage.backend.nextAfter(before);
    expect(head.all("host")).toEqual([host]);
    expect(head.field("x-forwarded-host")).toBe(host);
  });
});

describe("a body", () => {
  const echo: Script = async ({ head, wire }) => {
    const body = await wire.body(head);
    wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
    wire.send(body);
  };

  test.each([
    ["GET", ["Content-Length: 5"], "hello", "hello"],
    ["DELETE", [CHUNKED], "5\r\nhello\r\n0\r\n\r\n", "hello"],
    ["OPTIONS", ["Content-Length: 5"], "hello", "hello"],
    ["POST", ["Content-Length: 0"], "", ""],
    ["POST", [], "", ""],
    ["POST", [CHUNKED], "0\r\n\r\n", ""],
    ["POST", [CHUNKED, "Trailer: X-T", "TE: trailers"], "5;a=b\r\nhello\r\n0\r\nX-T: 1\r\n\r\n", "hello"],
    ["QUERY", ["Content-Length: 5"], "hello", "hello"],
  ])("of %s with %p is whole", async (method, fields, sent, whole) => {
    stage.backend.script = echo;
    const { head, body } = await ask(stage.url, request(method, "/", fields, sent));
    expect([head.status, body.toString()]).toEqual([200, whole]);
  });

  test("in segments of one byte each is whole, and so are those before and after it", async () => {
    stage.backend.script = echo;
    const data = "0123456789abcdef".repeat(16);
    const sent = request("PUT", "/", [CHUNKED], `${data.length.toString(16)}\r\n${data}\r\n0\r\n\r\n`);
    const wire = await dial(stage.url);
    stage.sockets.cutFrom(
      wire.socket.localPort ?? 0,
      Array.from({ length: 3 * sent.length }, (_, place) => place),
    );
    wire.send(sent.repeat(3));
    for (let turn = 0; turn < 3; turn++) expect((await readAnswer(wire, "PUT")).body.toString()).toBe(data);
    wire.destroy();
  });

  test("of an answer to HEAD is not there, however it would have been framed", async () => {
    for (const framing of ["Content-Length: 5", CHUNKED, "Connection: close"]) {
      stage.backend.script = ({ wire }) => wire.send(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`);
      const wire = await dial(stage.url);
      wire.send(request("HEAD", "/"));
      expect((await readAnswer(wire, "HEAD")).head.status).toBe(200);
      stage.backend.script = answerBytes(OK);
      wire.send(request("GET", "/"));
      expect((await readAnswer(wire, "GET")).body.toString()).toBe("ok");
      wire.destroy();
    }
  });
});

describe("requests that do not wait for each other", () => {
  test("are answered in their order, a hundred in one segment", async () => {
    stage.backend.script = ({ head, wire }) =>
      wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${head.target.length}\r\n\r\n${head.target}`);
    const targets = Array.from({ length: 100 }, (_, index) => `/${index}`);
    const wire = await dial(stage.url);
    wire.send(targets.map((target) => `\r\n${request("GET", target)}`).join(""));
    const got: string[] = [];
    for (let count = 0; count < 100; count++) got.push((await readAnswer(wire, "GET")).body.toString());
    expect(got).toEqual(targets);
    wire.destroy();
  });

  test("wait for one that is slow, and their backend is not asked before", async () => {
    const slow = Promise.withResolvers<Wire>();
    stage.backend.script = ({ head, wire }) => {
      if (head.target === "/slow") slow.resolve(wire);
      else wire.send(OK);
    };
    const wire = await dial(stage.url);
    wire.send(request("GET", "/slow") + request("GET", "/quick"));
    const held = await within(5_000, "the slow one", slow.promise);
    expect((await ask(stage.url, request("GET", "/other"))).body.toString()).toBe("ok");
    expect(stage.backend.where({ target: "/quick" })).toEqual([]);
    held.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow");
    expect((await readAnswer(wire, "GET")).body.toString()).toBe("slow");
    expect((await readAnswer(wire, "GET")).body.toString()).toBe("ok");
    wire.destroy();
  });
});
