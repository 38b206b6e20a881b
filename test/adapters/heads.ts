import { describe, expect, test } from "bun:test";
import { answerBytes, answerOk } from "../raw/backend.ts";
import { ask, dial, readAnswer, request } from "../raw/client.ts";
import type { Head } from "../raw/wire.ts";
import type { Runtime } from "./runtime.ts";
import { stage } from "./stage.ts";

/** A request in a case and an order that nobody would choose. */
const REQUEST_FIELDS = [
  "X-Zulu: 1",
  "hOST: lb.test",
  "ACCEPT: text/x",
  "user-agent: raw/1",
  "cOOKIE: a=1",
  "X-alpha: 2",
  "accept-ENCODING: x",
  "x-ZULU: 3",
  "cOOKIE: b=2",
];

/** An answer of the same kind. */
const ANSWER_FIELDS = [
  "X-Zulu: 1",
  "sET-cookie: a=1",
  'ETAG: "x"',
  "content-TYPE: text/x",
  "X-alpha: 2",
  "DATE: Sun, 06 Nov 1994 08:49:37 GMT",
  "content-length: 2",
  "x-ZULU: 3",
  "sET-cookie: b=2",
];

/** What the balancer adds, and what is about one connection. */
const NOT_SENT = /^(via|x-forwarded-.*|connection|keep-alive)$/i;

function names(head: Head): string {
  return head.fields
    .map(([name]) => name)
    .filter((name) => !NOT_SENT.test(name))
    .join(" ");
}

const CHUNKED_OK = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";

/** How much of a message is left in the bytes that it came in. */
export function heads(runtime: Runtime): void {
  const can = runtime.capabilities;

  describe("as it came, as far as a runtime lets it:", () => {
    const on = stage(runtime);

    test("case, order and repeats of a request's fields", async () => {
      on.backend.script = answerOk;
      const before = on.backend.seen.length;
      await ask(on.url, `GET / HTTP/1.1\r\n${REQUEST_FIELDS.join("\r\n")}\r\n\r\n`);
      expect(names((await on.backend.nextAfter(before)).head)).toBe(can.requestNames);
    });

    test("case, order and repeats of an answer's fields", async () => {
      on.backend.script = answerBytes(`HTTP/1.1 200 OK\r\n${ANSWER_FIELDS.join("\r\n")}\r\n\r\nok`);
      const { head } = await ask(on.url, request("GET", "/"));
      expect(names(head)).toBe(can.answerNames);
    });

    test("chunks that are there at once", async () => {
      const chunks = "3;a=b\r\nabc\r\n02\r\nde\r\n0\r\n\r\n";
      on.backend.script = answerBytes(`${CHUNKED_OK}\r\n${chunks}`);
      const wire = await dial(on.url);
      wire.send(request("GET", "/", ["Connection: close"]));
      const head = await wire.head();
      if (can.chunkedAnswer === "as sent") {
        expect(head.field("transfer-encoding")).toBe("chunked");
        expect((await wire.rest()).toString()).toBe(chunks);
      } else {
        const framing = head.field("content-length") === undefined ? "anew" : "content-length";
        expect(framing).toBe(can.chunkedAnswer);
        expect((await wire.body(head)).toString()).toBe("abcde");
      }
      wire.destroy();
    });

    test("no length of an answer to HEAD", async () => {
      on.backend.script = ({ head, wire }) => {
        wire.send(`HTTP/1.1 200 OK\r\n${head.method === "HEAD" ? "" : "Content-Length: 2\r\n"}\r\n`);
        if (head.method !== "HEAD") wire.send("ok");
      };
      const wire = await dial(on.url);
      wire.send(request("HEAD", "/"));
      const { head } = await readAnswer(wire, "HEAD");
      const length = head.field("content-length");
      expect(length === undefined ? "none" : `content-length: ${length}`).toBe(can.lengthOfHead);
      expect(head.field("transfer-encoding")).toBeUndefined();
      wire.send(request("GET", "/"));
      expect((await readAnswer(wire, "GET")).body.toString()).toBe("ok");
      wire.destroy();
    });

    test("the framing of a request, although Connection names it", async () => {
      on.backend.script = answerOk;
      const before = on.backend.seen.length;
      const inner = request("GET", "/smuggled");
      const body = `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`;
      const fields = ["Transfer-Encoding: chunked", "Connection: x-gone, transfer-encoding", "X-Gone: 1"];
      expect((await ask(on.url, request("POST", "/", fields, body))).head.status).toBe(200);
      expect((await ask(on.url, request("GET", "/after"))).head.status).toBe(200);
      const [post, after] = on.backend.seen.slice(before);
      expect(post?.head.field("x-gone")).toBeUndefined();
      expect(post?.head.field("transfer-encoding") ?? post?.head.field("content-length")).toBeDefined();
      expect(after?.head.target).toBe("/after");
    });

    test("the framing of an answer, although Connection names it", async () => {
      const fields = "Connection: x-gone, transfer-encoding\r\nX-Gone: 1\r\n";
      on.backend.script = answerBytes(`${CHUNKED_OK}${fields}\r\n3\r\nabc\r\n0\r\n\r\n`);
      const { head, body } = await ask(on.url, request("GET", "/"));
      expect(head.field("x-gone")).toBeUndefined();
      expect(body.toString()).toBe("abc");
    });
  });

  describe("a client of HTTP/1.0", () => {
    const on = stage(runtime);

    test("is named in Via", async () => {
      on.backend.script = answerOk;
      const before = on.backend.seen.length;
      await ask(on.url, "GET / HTTP/1.0\r\nHost: lb.test\r\nVia: 1.1 other\r\n\r\n");
      const { head } = await on.backend.nextAfter(before);
      expect(head.all("via").join(", ")).toBe(`1.1 other, ${can.viaOfHttp10}`);
    });

    test("may leave out Host", async () => {
      on.backend.script = answerOk;
      const before = on.backend.seen.length;
      const { head } = await ask(on.url, "GET / HTTP/1.0\r\n\r\n");
      const hosts = { listener: `localhost:${new URL(on.url).port}`, backend: new URL(on.backend.url).host };
      const expected = can.missingHostOfHttp10;
      expect(head.status).toBe(expected === 400 ? 400 : 200);
      const host = on.backend.seen[before]?.head.field("host");
      expect(host).toBe(expected === 400 ? undefined : hosts[expected]);
    });

    test("gets no chunks, nor anything before the answer", async () => {
      const early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
      on.backend.script = answerBytes(`${early}${CHUNKED_OK}\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n`);
      const wire = await dial(on.url);
      wire.send("GET / HTTP/1.0\r\nHost: lb.test\r\n\r\n");
      const head = await wire.head();
      expect(head.status).toBe(200);
      expect(head.field("transfer-encoding")).toBeUndefined();
      expect((await wire.rest()).toString()).toBe("abc");
    });
  });
}
